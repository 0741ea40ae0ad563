import { IconMoodAngry, IconRobot, IconStarFilled, IconUserCheck } from "@tabler/icons-react";
import { memo } from "react";
import { Link } from "react-router";
import type { ConversationSummary } from "../../../shared/events";
import { plainText } from "../../../shared/markdown";
import { useI18n } from "../i18n";
import { ago, duration, fullTime } from "../i18n/time";
import type { View } from "../live/inbox";
import css from "./inbox.module.css";
import { Portrait } from "./Portrait";

interface Props {
  row: ConversationSummary;
  view: View;
  selected: boolean;
  /** Rounded by the list: a row renews when its shown time would change. */
  now: number;
}

/** Beyond this a customer in the queue has waited too long. */
const LONG_WAIT_MS = 3 * 60_000;

function Owner({ row }: { row: ConversationSummary }) {
  const { t } = useI18n();
  if (row.owner === "bot") {
    return (
      <span className={css.tag}>
        <IconRobot size={13} aria-hidden /> {t("owner.bot")}
      </span>
    );
  }
  if (row.owner === "agent") {
    return (
      <span className={css.tag}>
        <IconUserCheck size={13} aria-hidden /> {row.agent_name}
      </span>
    );
  }
  if (row.owner === "closed") return <span className={css.tag}>{t("owner.closed")}</span>;
  return null;
}

export const ConversationRow = memo(function ConversationRow({ row, view, selected, now }: Props) {
  const { t, code, locale } = useI18n();
  const name = row.visitor_name || t("visitor.anonymous");
  const waited = row.waiting_since ? now - Date.parse(row.waiting_since) : null;
  const prefix = row.last_author === "bot" ? `${t("owner.bot")}: ` : row.last_author === "agent" ? `${t("author.agent")}: ` : "";
  return (
    <Link
      to={`/inbox/${row.id}?view=${view}`}
      className={css.row}
      aria-current={selected ? "true" : undefined}
      data-unread={row.unread > 0}
      draggable={false}
    >
      <Portrait name={name} id={row.visitor_id} size={40} />
      <span className={css.rowBody}>
        <span className={css.rowTop}>
          <span className={css.name}>{name}</span>
          <time className={css.time} dateTime={row.last_at} title={fullTime(row.last_at, locale)}>
            {ago(row.last_at, locale, now)}
          </time>
        </span>
        <span className={css.rowMiddle}>
          <span className={css.preview}>
            {prefix}
            {plainText(row.last_message) || t("inbox.no_messages")}
          </span>
          {row.unread > 0 && (
            <span className={css.unread}>
              {row.unread > 99 ? "99+" : row.unread}
              <span className="lx-sr"> {t("inbox.unread")}</span>
            </span>
          )}
        </span>
        <span className={css.tags}>
          {waited !== null && row.owner === "queued" && (
            <span className={css.tag} data-tone={waited > LONG_WAIT_MS ? "bad" : "warn"}>
              {t("inbox.waiting", { time: duration(waited) })}
            </span>
          )}
          {row.handoff_reason && row.owner !== "bot" && <span className={css.tag}>{code("reason", row.handoff_reason)}</span>}
          <Owner row={row} />
          {row.sentiment === "negative" && (
            <span className={css.tag} data-tone="bad">
              <IconMoodAngry size={13} aria-hidden /> {t("sentiment.negative")}
            </span>
          )}
          {row.rating !== null && (
            <span className={css.tag} data-tone="warn">
              <IconStarFilled size={11} aria-hidden /> {t("inbox.rated", { stars: row.rating })}
            </span>
          )}
          <span className={css.lang}>{row.language === "zh" ? "中" : "EN"}</span>
        </span>
      </span>
    </Link>
  );
});
