import { IconRobot } from "@tabler/icons-react";
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { fullTime } from "../../i18n/time";
import { Portrait } from "../../inbox/Portrait";
import css from "./audit.module.css";
import type { AuditRow } from "./useAudit";

/** Actions whose subject is a conversation that can be opened. */
const ON_CHATS = new Set(["claim", "release", "hand_back", "transfer", "close", "reopen", "assigned", "conversation_changed"]);

export function Entry({ row }: { row: AuditRow }) {
  const { locale, code } = useI18n();
  const who = row.actor_name ?? code("audit.by", row.actor);
  return (
    <li className={css.entry}>
      {row.actor_name ? <Portrait name={who} id={row.actor} size={30} /> : <IconRobot size={30} stroke={1.4} className={css.robot} aria-hidden />}
      <div className={css.words}>
        <span>
          <b>{who}</b> {code("audit.did", row.action)} <Subject row={row} />
        </span>
        <Detail detail={row.detail} />
      </div>
      <time dateTime={row.at}>{fullTime(row.at, locale)}</time>
      <span className={css.position}>#{row.position}</span>
    </li>
  );
}

function Subject({ row }: { row: AuditRow }) {
  const { t } = useI18n();
  if (row.subject_name && row.subject !== row.actor) return <b>{row.subject_name}</b>;
  if (!row.subject || row.subject === row.actor) return null;
  if (ON_CHATS.has(row.action)) return <Link to={`/inbox/${row.subject}`}>{t("audit.open")}</Link>;
  return <code title={row.subject}>{row.subject}</code>;
}

function Detail({ detail }: { detail: AuditRow["detail"] }) {
  const { code } = useI18n();
  const facts = Object.entries(detail).map(([name, value]) => `${code("audit.detail", name)}: ${value === null ? "–" : String(value)}`);
  return facts.length > 0 ? <small>{facts.join(" · ")}</small> : null;
}
