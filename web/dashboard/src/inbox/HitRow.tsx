import { memo } from "react";
import { Link } from "react-router";
import { plainText } from "../../../shared/markdown";
import { useI18n } from "../i18n";
import { ago, fullTime } from "../i18n/time";
import css from "./inbox.module.css";
import { Portrait } from "./Portrait";
import { snippet } from "./snippet";
import type { Hit } from "./useMessageSearch";

interface Props {
  hit: Hit;
  q: string;
  search: string;
  selected: boolean;
  now: number;
}

/** A message that was found; opens its conversation at that place. */
export const HitRow = memo(function HitRow({ hit, q, search, selected, now }: Props) {
  const { t, locale } = useI18n();
  const { message, conversation } = hit;
  const name = conversation.visitor_name || t("visitor.anonymous");
  const { author } = message;
  const by = author.type === "visitor" ? "" : `${author.type === "bot" ? t("owner.bot") : author.name}: `;
  return (
    <Link to={`/inbox/${conversation.id}${search}&at=${message.seq}`} className={css.row} data-hit aria-current={selected ? "true" : undefined} draggable={false}>
      <Portrait name={name} id={conversation.visitor_id} size={32} />
      <span className={css.rowBody}>
        <span className={css.rowTop}>
          <span className={css.name}>{name}</span>
          <time className={css.time} dateTime={message.created_at} title={fullTime(message.created_at, locale)}>
            {ago(message.created_at, locale, now)}
          </time>
        </span>
        <span className={css.snippet}>
          {by}
          {snippet(plainText(message.content.text), q).map((piece, index) =>
            piece.marked ? <mark key={index}>{piece.text}</mark> : <span key={index}>{piece.text}</span>,
          )}
        </span>
      </span>
    </Link>
  );
});
