import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Message } from "../shared/events";
import { usePanel } from "./context";
import { Icon } from "./icons";
import type { Speech } from "./words";

export function queueWords(position: number | null, waitS: number | null, { t }: Speech): string {
  if (position === null) return t("queue_unknown");
  const place = position <= 1 ? t("queue_first") : t("queue", { position });
  if (waitS === null) return place;
  const wait = waitS < 60 ? t("queue_soon") : t("queue_wait", { minutes: Math.round(waitS / 60) });
  return `${place} · ${wait}`;
}

/** Nobody was at the desk when the customer asked: there is no queue to stand in. */
export function leftAMessage(messages: readonly Message[]): boolean {
  return messages.findLast(({ content }) => content.notice !== null)?.content.notice === "ticket";
}

function useSeconds(until: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (until === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [until]);
  return until === null ? 0 : Math.max(0, Math.ceil((until - now) / 1000));
}

/** What stands between the customer and an answer, and what can be done about it. */
export function Banner(): JSX.Element | null {
  const { state, chat, speech, config } = usePanel();
  const { t } = speech;
  const seconds = useSeconds(state.link === "offline" ? state.retryAt : null);
  if (state.link === "offline") {
    return (
      <div class="banner warn" role="status">
        <Icon name="alert" />
        <p>
          {state.refusal ?? t("offline")} <span aria-hidden="true">{seconds > 0 && t("offline_retry", { seconds })}</span>
        </p>
        <button type="button" onClick={() => chat.retryNow()}>
          {t("retry_now")}
        </button>
      </div>
    );
  }
  if (state.error) {
    return (
      <div class="banner warn" role="alert">
        <Icon name="alert" />
        <p dir="auto">{state.error.words || t("error")}</p>
        <button type="button" onClick={() => chat.dismissError()}>
          {t("dismiss")}
        </button>
      </div>
    );
  }
  if (state.owner === "queued") {
    const away = config?.office_open === false || leftAMessage(state.messages);
    return (
      <div class="banner" role="status">
        <span class="pulse" aria-hidden="true" />
        <p>{away ? config?.away[speech.language] || t("away") : queueWords(state.queuePosition, state.expectedWaitS, speech)}</p>
        <button type="button" onClick={() => chat.cancel()}>
          {t("queue_back")}
        </button>
      </div>
    );
  }
  return null;
}
