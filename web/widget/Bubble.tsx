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
import { Quoted } from "./Quote";
import { Buttons, OutsideLink, Picture } from "./Rich";
import { clock, moment } from "./time";

const Cards = later(() => import("./Cards").then((file) => file.Cards));
const Actions = later(() => import("./Tools").then((file) => file.Actions));
const MessageTools = later(() => import("./Tools").then((file) => file.MessageTools));
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

/** The time of day; the day too where somebody points at it. */
function At({ message }: { message: Message }): JSX.Element {
  const { language } = usePanel().speech;
  const at = new Date(message.created_at);
  return (
    <time dateTime={message.created_at} title={moment(at, language)}>
      {clock(at, language)}
    </time>
  );
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
      <div class="said">
        <Written content={message.content} />
        <MessageTools message={message} />
      </div>
      {last && (
        <p class="meta">
          <At message={message} />
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
  const judged = author.type === "bot" && content.text !== "";
  const files = content.files.length > 0 && <Files files={content.files} />;
  return (
    <li class="row theirs" data-last={last} data-author={author.type}>
      {first && <Avatar agent={author.type === "agent" ? name : null} />}
      <div class="said">
        {first && author.type === "agent" && <p class="name">{name}</p>}
        {author.type !== "bot" && files}
        {content.text && (
          <div class="bubble" lang={content.language ?? undefined}>
            {content.quote && <Quoted quote={content.quote} />}
            <Markdown text={content.text} />
          </div>
        )}
        {author.type === "bot" && files}
        {content.image_url && <Picture url={content.image_url} alt="" />}
        {content.attachment_url && <OutsideLink href={content.attachment_url} words={speech.t("attachment")} />}
        {content.cards.length > 0 && <Cards cards={content.cards} />}
        {content.citations.length > 0 && <Citations citations={content.citations} />}
        {open && <Buttons buttons={content.buttons} />}
        {(last || judged) && (
          <p class="meta">
            {last && <At message={message} />}
            {judged && <Actions message={message} />}
          </p>
        )}
        <MessageTools message={message} />
      </div>
    </li>
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
      <div class="said">
        <Written content={shown(item)} />
      </div>
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
