import { useEffect, useRef } from "react";
import { useDesk } from "../live/context";

/** Told again while typing goes on, and taken back after this pause. */
const TYPING_EVERY_MS = 3_000;
const TYPING_PAUSE_MS = 4_000;

export function useTypingSignal(): { typed: () => void; stopped: () => void } {
  const desk = useDesk();
  const told = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const stopped = () => {
    if (timer.current !== null) clearTimeout(timer.current);
    if (told.current > 0) desk.typing(false);
    told.current = 0;
  };
  const typed = () => {
    const now = Date.now();
    if (now - told.current > TYPING_EVERY_MS) {
      told.current = now;
      desk.typing(true);
    }
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = setTimeout(stopped, TYPING_PAUSE_MS);
  };
  const stop = useRef(stopped);
  stop.current = stopped;
  useEffect(() => () => stop.current(), []);
  return { typed, stopped };
}
