import type { JSX } from "preact";
import { shown } from "../shared/chat";
import type { Content, Message } from "../shared/events";
import type { Outgoing } from "../shared/outbox";
import { authorName } from "./author";
import { usePanel } from "./context";
import { Avatar } from "./Header";
import { Icon } from "./icons";
import { later } from "./later";
import { Markdown } from "./Markdown";
import { MessageTools, Quoted } from "./Quote";
import { Buttons, OutsideLink, Picture } from "./Rich";
import { SPEEDS } from "./speaker";
import { clock } from "./time";

const Cards = later(() => import("./Cards").then((file) => file.Cards));
const Files = later(() => import("./Files").then((file) => file.Files));
const Citations = later(() => import("./Cards").then((file) => file.Citations));

interface Props {
  message: Message;
  first: boolean;
  last: boolean;
  /** Its buttons wait for an answer. */
  open: boolean;
}

export function Bubble(props: Props): JSX.Element {
  const own = props.message.author.type === "visitor";
  if (props.message.content.recalled) return <Recalled message={props.message} own={own} />;
  return own ? <Own {...props} /> : <Theirs {...props} />;
}

/** What a customer wrote: plain, as they wrote it. */
function Written({ content }: { content: Content }): JSX.Element {
  return (
    <>
      {content.files.length > 0 && <Files files={content.files} />}
      {(content.text || content.quote) && (
        <div class="bubble" dir="auto">
          {content.quote && <Quoted quote={content.quote} />}
          {content.text}
        </div>
      )}
    </>
  );
}

function Recalled({ message, own }: { message: Message; own: boolean }): JSX.Element {
  const { speech, takenBack, write } = usePanel();
  const words = own ? takenBack.get(message.id) : undefined;
  return (
    <li class="notice">
      {speech.t(own ? "recalled_own" : "recalled")}{" "}
      {words && (
        <button type="button" class="link" onClick={() => write(words)}>
          {speech.t("write_again")}
        </button>
      )}
    </li>
  );
}

function Own({ message, last }: Props): JSX.Element {
  const { state, speech } = usePanel();
  const read = state.peerReadSeq >= message.seq;
  return (
    <li class="row own" data-last={last}>
      <Written content={message.content} />
      {last && (
        <p class="meta">
          <MessageTools message={message} />
          <time dateTime={message.created_at}>{clock(new Date(message.created_at), speech.language)}</time>
          <span class={read ? "tick seen" : "tick"} data-state={read ? "read" : "delivered"}>
            <Icon name={read ? "read" : "sent"} />
            <span class="hidden">{speech.t(read ? "read" : "delivered")}</span>
          </span>
        </p>
      )}
    </li>
  );
}

function Theirs({ message, first, last, open }: Props): JSX.Element {
  const { speech } = usePanel();
  const { content, author } = message;
  const name = authorName(author, speech);
  return (
    <li class="row theirs" data-last={last} data-author={author.type}>
      {first && <Avatar agent={author.type === "agent" ? name : null} />}
      <div class="said">
        {first && author.type === "agent" && <p class="name">{name}</p>}
        {content.files.length > 0 && <Files files={content.files} />}
        {content.text && (
          <div class="bubble" lang={content.language ?? undefined}>
            {content.quote && <Quoted quote={content.quote} />}
            <Markdown text={content.text} />
          </div>
        )}
        {content.image_url && <Picture url={content.image_url} alt="" />}
        {content.attachment_url && <OutsideLink href={content.attachment_url} words={speech.t("attachment")} />}
        {content.cards.length > 0 && <Cards cards={content.cards} />}
        {content.citations.length > 0 && <Citations citations={content.citations} />}
        {open && <Buttons buttons={content.buttons} />}
        <p class="meta">
          {last && (
            <time dateTime={message.created_at}>{clock(new Date(message.created_at), speech.language)}</time>
          )}
          {author.type === "bot" && content.text && <Actions message={message} />}
          {last && <MessageTools message={message} />}
        </p>
      </div>
    </li>
  );
}

function Actions({ message }: { message: Message }): JSX.Element {
  const { chat, speech, speaker, config, setPreferences, announce } = usePanel();
  const { t } = speech;
  const mine = speaker.state.messageId === message.id;
  const phase = mine ? speaker.state.phase : "idle";
  const judge = (value: "up" | "down"): void => {
    if (chat.feedback(message.id, value)) announce(t("thanks_feedback"));
  };
  const faster = (): void => {
    const at = SPEEDS.findIndex((speed) => speed === speaker.speed);
    const speed = SPEEDS[(at + 1) % SPEEDS.length] ?? 1;
    speaker.setSpeed(speed);
    setPreferences({ speed });
  };
  const thumb = (value: "up" | "down"): JSX.Element => (
    <button
      type="button"
      class="small"
      aria-pressed={message.feedback === value}
      aria-label={t(value === "up" ? "helpful" : "unhelpful")}
      title={t(value === "up" ? "helpful" : "unhelpful")}
      onClick={() => judge(value)}
    >
      <Icon name={value === "up" ? "up" : "dislike"} fill={message.feedback === value} />
    </button>
  );
  return (
    <span class="actions" data-active={phase !== "idle" || message.feedback !== null}>
      {config?.voice !== false && (
        <button
          type="button"
          class="small voice"
          data-phase={phase}
          aria-busy={phase === "loading"}
          aria-label={t(phase === "playing" ? "pause" : "listen")}
          title={phase === "failed" ? t("voice_failed") : t(phase === "playing" ? "pause" : "listen")}
          onClick={() => speaker.toggle(message, speech.language)}
        >
          <Icon name={phase === "playing" ? "pause" : phase === "paused" ? "play" : "voice"} />
        </button>
      )}
      {(phase === "playing" || phase === "paused") && (
        <button type="button" class="small speed" aria-label={t("speed", { speed: speaker.speed })} onClick={faster}>
          {speaker.speed}×
        </button>
      )}
      {thumb("up")}
      {thumb("down")}
      {phase === "failed" && <span class="quiet">{t("voice_failed")}</span>}
    </span>
  );
}

/** What we wrote and the server has not acknowledged yet. */
export function Pending({ item }: { item: Outgoing }): JSX.Element {
  const { chat, state, speech } = usePanel();
  const { t } = speech;
  const { refused } = item;
  const final = refused !== undefined && refused.retryAt === null;
  const words = state.link === "online" ? t("sending") : t("waiting");
  return (
    <li class="row own pending" data-last="true" data-refused={final}>
      <Written content={shown(item)} />
      {refused ? (
        <p class="refusal" role="alert">
          <span>
            {refused.words || t("failed")} {!final && t("retrying")}
          </span>
          {final && (
            <>
              <button type="button" onClick={() => chat.retry(item.clientMsgId)}>
                {t("resend")}
              </button>
              <button type="button" onClick={() => chat.discard(item.clientMsgId)}>
                {t("discard")}
              </button>
            </>
          )}
        </p>
      ) : (
        <p class="meta">
          <span class="tick" data-state="pending">
            <Icon name="clock" />
            <span>{words}</span>
          </span>
        </p>
      )}
    </li>
  );
}
