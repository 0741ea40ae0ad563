import type { JSX } from "preact";
import { usePanel } from "./context";
import { Mark } from "./icons";
import { Markdown } from "./Markdown";

/** Before the first message: a greeting, and the questions that are asked most. */
export function Welcome(): JSX.Element | null {
  const { state, chat, config, speech } = usePanel();
  const { t, language } = speech;
  if (state.messages.length > 0 || state.outgoing.length > 0) return null;
  const welcome = config?.welcome[language];
  const suggestions = config?.suggestions[language] ?? [];
  return (
    <section class="welcome">
      <span class="badge" aria-hidden="true">
        <Mark />
      </span>
      <h2>{t("hello")}</h2>
      {welcome ? <Markdown text={welcome} /> : <p>{t("hello_sub")}</p>}
      {suggestions.length > 0 && (
        <>
          <h3>{t("suggestions")}</h3>
          <ul>
            {suggestions.map((text) => (
              <li>
                <button type="button" dir="auto" onClick={() => chat.send({ text })}>
                  {text}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
