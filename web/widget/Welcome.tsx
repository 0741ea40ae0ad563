import type { JSX } from "preact";
import { usePanel } from "./context";
import { Mark } from "./icons";
import { Markdown } from "./Markdown";

/** Before the first message: a greeting, and what is asked most, unless the owner `asks` first. */
export function Welcome({ asks }: { asks: boolean }): JSX.Element | null {
  const { state, chat, config, speech, greeting } = usePanel();
  const { t, language } = speech;
  if (state.messages.length > 0 || state.outgoing.length > 0) return null;
  const welcome = config?.welcome[language];
  const suggestions = config?.suggestions[language] ?? [];
  return (
    <section class="welcome">
      <span class="badge" aria-hidden="true">
        <Mark />
      </span>
      <h2>{greeting || t("hello")}</h2>
      {welcome ? <Markdown text={welcome} /> : <p>{t("hello_sub")}</p>}
      {suggestions.length > 0 && !asks && (
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
