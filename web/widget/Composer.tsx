import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { MAX_TEXT_CHARS } from "../shared/events";
import { usePanel } from "./context";
import { Icon } from "./icons";
import { sends } from "./keys";

interface Props {
  draft: string;
  onDraft: (text: string) => void;
}

/** From here on the counter shows: most people never meet it. */
const COUNT_FROM = MAX_TEXT_CHARS - 400;

export function Composer({ draft, onDraft }: Props): JSX.Element {
  const { chat, state, speech, speaker, announce } = usePanel();
  const { t } = speech;
  const field = useRef<HTMLTextAreaElement>(null);
  const [full, setFull] = useState(false);
  const count = [...draft].length; // code points, as the server counts
  const tooLong = count > MAX_TEXT_CHARS;
  const empty = draft.trim() === "";
  const streaming = state.partial !== null && state.owner === "bot";

  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 132)}px`;
  }, [draft]);

  const send = (): void => {
    if (empty || tooLong) return;
    const kept = chat.send({ text: draft.trim() });
    setFull(!kept);
    if (kept) onDraft("");
    field.current?.focus();
  };
  const changed = (text: string): void => {
    onDraft(text);
    chat.typing(text.slice(0, MAX_TEXT_CHARS));
    if (text !== "") speaker.stop(); // whoever writes is not listening
  };
  const human = (): void => {
    if (chat.requestHuman()) announce(t("human_asked"));
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {full && (
        <p class="limit" role="alert">
          {t("outbox_full")}
        </p>
      )}
      {count > COUNT_FROM && (
        <p class={tooLong ? "limit" : "quiet"} role={tooLong ? "alert" : undefined}>
          {t(tooLong ? "too_long" : "count", { count, limit: MAX_TEXT_CHARS })}
        </p>
      )}
      <div class="field">
        <textarea
          id="composer"
          ref={field}
          rows={1}
          dir="auto"
          value={draft}
          aria-label={t("write")}
          placeholder={t("write")}
          enterkeyhint="send"
          aria-invalid={tooLong}
          onInput={(event) => changed(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (!sends(event)) return;
            event.preventDefault();
            send();
          }}
        />
        {state.owner === "bot" && (
          <button class="human" type="button" title={t("human")} aria-label={t("human")} disabled={state.link !== "online"} onClick={human}>
            <Icon name="human" />
            <span>{t("human_short")}</span>
          </button>
        )}
        {streaming && empty ? (
          <button class="send" type="button" aria-label={t("stop")} title={t("stop")} onClick={() => chat.cancel()}>
            <Icon name="stop" fill />
          </button>
        ) : (
          <button class="send" type="submit" aria-label={t("send")} title={t("send")} disabled={empty || tooLong}>
            <Icon name="send" />
          </button>
        )}
      </div>
    </form>
  );
}
