import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Message } from "../shared/events";
import { usePanel } from "./context";
import { LaterIcon } from "./more-icons";
import { SPEEDS } from "./speaker";
import "./tools.css";

/** As the server has it: `RECALL_WITHIN_S`. */
const RECALL_MS = 120_000;

/** Beside the bot's words: listen, and say whether they helped. */
export function Actions({ message }: { message: Message }): JSX.Element {
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
      <LaterIcon name={value === "up" ? "up" : "dislike"} fill={message.feedback === value} />
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
          <LaterIcon name={phase === "playing" ? "pause" : phase === "paused" ? "play" : "voice"} />
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
        <LaterIcon name="reply" />
      </button>
      {own && left > 0 && (
        <button
          type="button"
          class="small"
          aria-label={t("recall")}
          title={t("recall")}
          onClick={() => chat.recall(message.id) && takeBack(message)}
        >
          <LaterIcon name="undo" />
        </button>
      )}
    </span>
  );
}
