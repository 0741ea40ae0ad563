import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Message, WireQuote } from "../shared/events";
import { authorName } from "./author";
import { usePanel } from "./context";
import { Icon } from "./icons";

/** As the server has it: `RECALL_WITHIN_S`. */
const RECALL_MS = 120_000;

/** The message that another one answers: its author and its first words. */
export function Quoted({ quote }: { quote: WireQuote }): JSX.Element {
  const { speech } = usePanel();
  const name = authorName({ type: quote.author, name: quote.name, id: "" }, speech);
  return (
    <blockquote class="quote" dir="auto">
      <b>{name}</b> {quote.text || speech.t("quote_gone")}
    </blockquote>
  );
}

/** Answer this message, or take it back while it is fresh. */
export function MessageTools({ message }: { message: Message }): JSX.Element {
  const { chat, speech, setQuoted, takeBack } = usePanel();
  const { t } = speech;
  const own = message.author.type === "visitor";
  const left = RECALL_MS - (Date.now() - Date.parse(message.created_at));
  const [, late] = useState(false);
  useEffect(() => {
    if (!own || left <= 0) return;
    const timer = setTimeout(() => late(true), left);
    return () => clearTimeout(timer);
  }, []);
  return (
    <span class="tools">
      <button type="button" class="small" aria-label={t("quote")} title={t("quote")} onClick={() => setQuoted(message)}>
        <Icon name="reply" />
      </button>
      {own && left > 0 && (
        <button
          type="button"
          class="small"
          aria-label={t("recall")}
          title={t("recall")}
          onClick={() => chat.recall(message.id) && takeBack(message)}
        >
          <Icon name="undo" />
        </button>
      )}
    </span>
  );
}
