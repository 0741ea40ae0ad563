import type { JSX } from "preact";
import type { WireQuote } from "../shared/events";
import { authorName } from "./author";
import { usePanel } from "./context";

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
