import {
  IconAlarm,
  IconClock,
  IconFlag3Filled,
  IconMoodAngry,
  IconMoonStars,
  IconPlayerPauseFilled,
  IconRobot,
  IconStarFilled,
  IconUserCheck,
} from "@tabler/icons-react";
import { memo } from "react";
import { Link } from "react-router";
import type { ConversationSummary } from "../../../shared/events";
import { plainText } from "../../../shared/markdown";
import { replyClock, type Rules, toneOf } from "../desk/clocks";
import { useI18n } from "../i18n";
import { ago, duration, fullTime, until } from "../i18n/time";
import css from "./inbox.module.css";
import { useMe } from "../shell/session";
import { useDrafted } from "../thread/drafts";
import { Portrait } from "./Portrait";

interface Props {
  row: ConversationSummary;
  /** The view's address, which the link carries on. */
  search: string;
  selected: boolean;
  /** Rounded by the list: a row renews when its shown time would change. */
  now: number;
  rules: Rules | undefined;
}

/** How long the customer waits, against what was promised; coloured when it gets late. */
function Waiting({ row, now, rules }: Pick<Props, "row" | "now" | "rules">) {
  const { t } = useI18n();
  const clock = replyClock(row, rules);
  const since = row.waiting_since ?? row.awaiting_since;
  if (!since) return null;
  const tone = clock ? toneOf(clock, now) : "calm";
  const late = clock !== null && tone === "bad";
  const words = late ? t("clock.late", { time: duration(now - clock.due) }) : t("inbox.waiting", { time: duration(now - Date.parse(since)) });
  return (
    <span className={css.tag} data-tone={late ? "bad" : tone === "warn" || row.owner === "queued" ? "warn" : undefined}>
      {late ? <IconAlarm size={13} aria-hidden /> : <IconClock size={13} aria-hidden />} {words}
    </span>
  );
}

function Priority({ row }: { row: ConversationSummary }) {
  const { code } = useI18n();
  if (row.priority === "normal") return null;
  return (
    <span className={css.tag} data-tone={row.priority === "urgent" ? "bad" : row.priority === "high" ? "warn" : undefined}>
      <IconFlag3Filled size={12} aria-hidden /> {code("priority", row.priority)}
    </span>
  );
}

function Owner({ row }: { row: ConversationSummary }) {
  const { t } = useI18n();
  const me = useMe();
  if (row.owner === "bot") {
    return (
      <span className={css.tag}>
        <IconRobot size={13} aria-hidden /> {t("owner.bot")}
      </span>
    );
  }
  if (row.owner === "agent" && row.agent_id !== me.id) {
    return (
      <span className={css.tag}>
        <IconUserCheck size={13} aria-hidden /> {row.agent_name}
      </span>
    );
  }
  if (row.owner === "closed") return <span className={css.tag}>{t("owner.closed")}</span>;
  return null;
}

export const ConversationRow = memo(function ConversationRow({ row, search, selected, now, rules }: Props) {
  const { t, code, locale } = useI18n();
  const drafted = useDrafted(row.id);
  const name = row.visitor_name || t("visitor.anonymous");
  const prefix = row.last_author === "bot" ? `${t("owner.bot")}: ` : row.last_author === "agent" ? `${t("author.agent")}: ` : "";
  return (
    <Link
      to={`/inbox/${row.id}${search}`}
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
            {drafted && !selected && <b className={css.drafted}>{t("inbox.draft")}</b>}
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
          <Waiting row={row} now={now} rules={rules} />
          <Priority row={row} />
          {row.snoozed_until && (
            <span className={css.tag}>
              <IconMoonStars size={13} aria-hidden /> {t("snooze.until", { time: until(row.snoozed_until, locale, now) })}
            </span>
          )}
          {row.held_at && (
            <span className={css.tag} data-tone="warn">
              <IconPlayerPauseFilled size={11} aria-hidden /> {t("hold.on")}
            </span>
          )}
          {row.tags.slice(0, 2).map((tag) => (
            <span key={tag} className={css.tag}>
              #{tag}
            </span>
          ))}
          {row.handoff_reason && row.owner === "queued" && <span className={css.tag}>{code("reason", row.handoff_reason)}</span>}
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
