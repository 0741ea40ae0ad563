import { Tooltip } from "@mantine/core";
import {
  IconAlertCircle,
  IconArrowBackUp,
  IconArrowForwardUp,
  IconBook2,
  IconCheck,
  IconChecks,
  IconClock,
  IconHelpHexagon,
  IconRobot,
  IconSparkles,
  IconThumbDown,
  IconThumbUp,
} from "@tabler/icons-react";
import { memo } from "react";
import type { Message } from "../../../shared/events";
import { Files, Quoted } from "../files/Files";
import { useI18n } from "../i18n";
import { clock, fullTime } from "../i18n/time";
import { Portrait } from "../inbox/Portrait";
import type { Pending } from "../live/thread";
import { Markdown } from "./Markdown";
import { Outside, Shown } from "./Shown";
import css from "./thread.module.css";
import { useTranslation } from "./Translation";

function Extras({ message }: { message: Message }) {
  const { buttons, cards, image_url, attachment_url, citations, files } = message.content;
  return (
    <>
      {files.length > 0 && <Files files={files} />}
      {image_url && <Shown url={image_url} />}
      {attachment_url && <Outside url={attachment_url} />}
      {cards.length > 0 && (
        <div className={css.cards} tabIndex={0}>
          {cards.map((card, index) => (
            <div key={index} className={css.card}>
              {card.image_url && <Shown url={card.image_url} />}
              <strong>{card.title}</strong>
              <span>{card.subtitle}</span>
            </div>
          ))}
        </div>
      )}
      {buttons.length > 0 && (
        <div className={css.offered}>
          {buttons.map((button) => (
            <span key={button.payload} className={css.offer} title={button.payload}>
              {button.title}
            </span>
          ))}
        </div>
      )}
      {citations.length > 0 && (
        <div className={css.citations}>
          {citations.map((citation) => (
            <span key={citation.entry_id}>
              <IconBook2 size={12} aria-hidden /> {citation.title}
            </span>
          ))}
        </div>
      )}
    </>
  );
}

interface Props {
  message: Message;
  first: boolean;
  last: boolean;
  mine: boolean;
  /** The customer has read it. */
  read: boolean;
  explained: boolean;
  /** It was searched for. */
  found: boolean;
  onWhy: (messageId: string) => void;
  /** Only in a chat of mine. */
  onQuote: ((message: Message) => void) | null;
  onRecall: (messageId: string) => void;
}

function Byline({ message, mine }: { message: Message; mine: boolean }) {
  const { t } = useI18n();
  const { author, content } = message;
  if (author.type === "bot") {
    return (
      <span className={css.byline}>
        <IconRobot size={13} aria-hidden /> {author.name || t("owner.bot")}
        {content.source === "generated" && (
          <span className={css.source}>
            <IconSparkles size={12} aria-hidden /> {t("source.generated")}
          </span>
        )}
        {content.source === "faq" && (
          <span className={css.source}>
            <IconBook2 size={12} aria-hidden /> {t("source.faq")}
          </span>
        )}
      </span>
    );
  }
  return <span className={css.byline}>{mine ? t("author.you") : author.name || t("visitor.anonymous")}</span>;
}

function Feedback({ value }: { value: "up" | "down" }) {
  const { t } = useI18n();
  const Icon = value === "up" ? IconThumbUp : IconThumbDown;
  return (
    <span className={css.feedback} data-value={value}>
      <Icon size={13} aria-hidden />
      {t(`feedback.${value}`)}
    </span>
  );
}

/** As the server has it: `RECALL_WITHIN_S`. Whoever looks longer is told that it is too late. */
const RECALL_WITHIN_MS = 120_000;

function isFresh({ content, created_at }: Message): boolean {
  return !content.recalled && Date.now() - Date.parse(created_at) < RECALL_WITHIN_MS;
}

export const Bubble = memo(function Bubble({ message, first, last, mine, read, explained, found, onWhy, onQuote, onRecall }: Props) {
  const { t, locale } = useI18n();
  const { author } = message;
  const translation = useTranslation(message.content.text);
  const side = author.type === "visitor" ? "left" : "right";
  const name = author.name || (author.type === "bot" ? t("owner.bot") : t("visitor.anonymous"));
  return (
    <article className={css.line} data-side={side} data-first={first} data-seq={message.seq} data-found={found} aria-label={t("thread.message_by", { name: mine ? t("author.you") : name })}>
      {side === "left" && <span className={css.face}>{last && <Portrait name={name} id={author.id} size={28} />}</span>}
      <div className={css.column}>
        {first && <Byline message={message} mine={mine} />}
        <div className={css.bubble} data-author={author.type} data-explained={explained} title={fullTime(message.created_at, locale)}>
          {message.content.quote && <Quoted quote={message.content.quote} />}
          <div className={css.text}>
            {message.content.recalled ? <em>{t("files.recalled")}</em> : <Markdown text={message.content.text} />}
          </div>
          {translation.words}
          <Extras message={message} />
        </div>
        <div className={css.under}>
          {last && <time dateTime={message.created_at}>{clock(message.created_at, locale)}</time>}
          {author.type === "agent" && last && (
            <span className={css.tick} data-read={read}>
              {read ? <IconChecks size={15} aria-hidden /> : <IconCheck size={15} aria-hidden />}
              <span className="lx-sr">{read ? t("thread.read") : t("thread.delivered")}</span>
            </span>
          )}
          {message.feedback && <Feedback value={message.feedback} />}
          {translation.tool}
          {onQuote && !message.content.recalled && (
            <button type="button" className={css.tool} onClick={() => onQuote(message)}>
              <IconArrowBackUp size={14} aria-hidden /> {t("files.quote")}
            </button>
          )}
          {mine && onQuote && isFresh(message) && (
            <button type="button" className={css.tool} onClick={() => onRecall(message.id)}>
              <IconArrowForwardUp size={14} aria-hidden /> {t("files.recall")}
            </button>
          )}
          {(author.type === "bot" || author.type === "visitor") && (
            <button type="button" className={css.why} data-author={author.type} aria-pressed={explained} onClick={() => onWhy(message.id)}>
              <IconHelpHexagon size={14} aria-hidden /> {t(author.type === "bot" ? "why.open" : "correct.open")}
            </button>
          )}
        </div>
      </div>
    </article>
  );
});

interface PendingProps {
  pending: Pending;
  onResend: (clientMsgId: string) => void;
  onDiscard: (clientMsgId: string) => void;
}

/** A message of mine that is on its way, or did not arrive. */
export function PendingBubble({ pending, onResend, onDiscard }: PendingProps) {
  const { t } = useI18n();
  const failed = pending.state === "failed";
  return (
    <article className={css.line} data-side="right" data-first aria-label={t("thread.message_by", { name: t("author.you") })}>
      <div className={css.column}>
        <div className={css.bubble} data-author="agent" data-pending={!failed} data-failed={failed}>
          {pending.quote && <Quoted quote={pending.quote} />}
          <div className={css.text}>
            <Markdown text={pending.text} />
          </div>
          {pending.files.length > 0 && <Files files={pending.files} />}
        </div>
        <div className={css.under} role={failed ? "alert" : undefined}>
          {failed ? (
            <span className={css.failed}>
              <IconAlertCircle size={14} aria-hidden /> {pending.words || t("thread.not_sent")}
              <button type="button" onClick={() => onResend(pending.clientMsgId)}>
                {t("thread.resend")}
              </button>
              <button type="button" onClick={() => onDiscard(pending.clientMsgId)}>
                {t("thread.discard")}
              </button>
            </span>
          ) : (
            <Tooltip label={t("thread.sending")}>
              <span className={css.tick}>
                <IconClock size={13} aria-label={t("thread.sending")} role="img" />
              </span>
            </Tooltip>
          )}
        </div>
      </div>
    </article>
  );
}
