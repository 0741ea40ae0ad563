import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { quoteOf } from "../shared/chat";
import { MAX_TEXT_CHARS } from "../shared/events";
import { usePanel } from "./context";
import { Icon } from "./icons";
import { sends } from "./keys";
import { later } from "./later";
import { Quoted } from "./Quote";
import type { Uploads } from "./uploads";

const Recorder = later(() => import("./Recorder").then((file) => file.Recorder));
const Attachments = later(() => import("./Attachments").then((file) => file.Attachments));

interface Props {
  draft: string;
  onDraft: (text: string) => void;
}

/** From here on the counter shows: most people never meet it. */
const COUNT_FROM = MAX_TEXT_CHARS - 400;

export function Composer({ draft, onDraft }: Props): JSX.Element {
  const { chat, state, speech, speaker, announce, quoted, setQuoted, config } = usePanel();
  const { t } = speech;
  const field = useRef<HTMLTextAreaElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<"outbox_full" | "too_many_files" | null>(null);
  const [hearing, setHearing] = useState(false);
  const [unheard, setUnheard] = useState<string | null>(null);
  const { uploads, add, over } = useUploads(setProblem);
  const files = uploads?.ready ?? [];
  const count = [...draft].length; // code points, as the server counts
  const tooLong = count > MAX_TEXT_CHARS;
  const unwritten = draft.trim() === "";
  const empty = unwritten && files.length === 0;
  const unready = empty || tooLong || uploads?.busy === true;
  const streaming = state.partial !== null && state.owner === "bot";

  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, 132)}px`;
  }, [draft]);

  const send = (): void => {
    if (unready) return;
    const kept = chat.send({ text: draft.trim() }, files, quoted);
    setProblem(kept ? null : "outbox_full");
    if (kept) {
      onDraft("");
      setQuoted(null);
      uploads?.clear();
    }
    field.current?.focus();
  };
  const changed = (text: string): void => {
    onDraft(text);
    chat.typing(text.slice(0, MAX_TEXT_CHARS));
    if (text !== "") speaker.stop(); // whoever writes is not listening
  };
  const heard = (text: string | null, reason: string | null): void => {
    setHearing(false);
    setUnheard(reason);
    if (text) changed(draft.trim() === "" ? text : `${draft} ${text}`);
    requestAnimationFrame(() => field.current?.focus());
  };
  const human = (): void => {
    if (chat.requestHuman()) announce(t("human_asked"));
  };
  return (
    <form
      class="composer"
      data-over={over}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {(problem || unheard) && (
        <p class="limit" role="alert">
          {problem ? t(problem) : unheard}
        </p>
      )}
      {quoted && (
        <div class="quoting">
          <Quoted quote={quoteOf(quoted)} />
          <button class="small" type="button" aria-label={t("quote_not")} onClick={() => setQuoted(null)}>
            <Icon name="close" />
          </button>
        </div>
      )}
      {uploads && <Attachments uploads={uploads} />}
      {count > COUNT_FROM && (
        <p class={tooLong ? "limit" : "quiet"} role={tooLong ? "alert" : undefined}>
          {t(tooLong ? "too_long" : "count", { count, limit: MAX_TEXT_CHARS })}
        </p>
      )}
      {hearing ? (
        <Recorder done={heard} />
      ) : (
      <div class="field">
        {config?.files !== false && (
          <>
            <button class="clip" type="button" aria-label={t("attach")} title={t("attach")} onClick={() => picker.current?.click()}>
              <Icon name="clip" />
            </button>
            <input
              ref={picker}
              type="file"
              multiple
              hidden
              accept="image/png,image/jpeg,image/webp,image/gif,video/mp4,video/webm,.pdf,.docx,.xlsx,.pptx,.txt,.csv"
              onChange={({ currentTarget }) => {
                add([...(currentTarget.files ?? [])]);
                currentTarget.value = "";
              }}
            />
          </>
        )}
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
          onPaste={(event) => {
            if (add([...(event.clipboardData?.files ?? [])])) event.preventDefault();
          }}
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
        {config?.voice_input && (
          <button
            class="clip mic"
            type="button"
            aria-label={t("mic")}
            title={t("mic")}
            onClick={() => {
              speaker.stop();
              setUnheard(null);
              setHearing(true);
            }}
          >
            <Icon name="mic" />
          </button>
        )}
        {streaming && empty && !uploads?.busy ? (
          <button class="send" type="button" aria-label={t("stop")} title={t("stop")} onClick={() => chat.cancel()}>
            <Icon name="stop" fill />
          </button>
        ) : (
          <button class="send" type="submit" aria-label={t("send")} title={t("send")} disabled={unready}>
            <Icon name="send" />
          </button>
        )}
      </div>
      )}
    </form>
  );
}

/** Files are chosen, pasted, or dropped anywhere on the panel; what sends them is fetched then. */
function useUploads(problem: (code: "too_many_files" | null) => void) {
  const { visitor, config } = usePanel();
  const [uploads, setUploads] = useState<Uploads | null>(null);
  const [over, setOver] = useState(false);
  const [, redraw] = useState(0);
  const add = (files: File[]): boolean => {
    if (files.length === 0 || config?.files === false) return false;
    void import("./uploads").then(({ Uploads: Sender }) => {
      const sender = uploads ?? new Sender(visitor, () => redraw((count) => count + 1));
      setUploads(sender);
      problem(sender.add(files) ? null : "too_many_files");
    });
    return true;
  };
  const drop = useRef(add);
  drop.current = add;
  useEffect(() => {
    const drag = (event: DragEvent): void => {
      event.preventDefault(); // else the browser would leave the chat and open the file
      setOver(event.type === "dragover");
      if (event.type === "drop") drop.current([...(event.dataTransfer?.files ?? [])]);
    };
    const kinds = ["dragover", "dragleave", "drop"] as const;
    for (const kind of kinds) document.addEventListener(kind, drag);
    return () => kinds.forEach((kind) => document.removeEventListener(kind, drag));
  }, []);
  return { uploads, add, over };
}
