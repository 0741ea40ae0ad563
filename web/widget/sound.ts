import type { Message } from "../shared/events";
import type { KeyValue } from "../shared/outbox";
import { seenSeq } from "./preferences";

const CHIMED_KEY = "lingxi.chimed";
/** Until then another tab, where the message is being read, has said so. */
const OTHER_TABS_MS = 400;
let context: AudioContext | null = null;

/** For a message that no other tab shows, in one of those that hear of it. */
export function ring(storage: KeyValue, { conversation_id, seq, id }: Message): void {
  setTimeout(() => {
    if (seenSeq(storage, conversation_id) < seq && firstToChime(storage, id)) chime();
  }, OTHER_TABS_MS);
}

export function firstToChime(storage: KeyValue, messageId: string): boolean {
  if (storage.getItem(CHIMED_KEY) === messageId) return false;
  storage.setItem(CHIMED_KEY, messageId);
  return true;
}

/** Two soft notes. Browsers allow sound only after the customer has touched the page: else silent. */
function chime(): void {
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume().catch(() => undefined);
    note(context, 880, 0);
    note(context, 1174.7, 0.11);
  } catch {
    context = null; // no audio device: the badge and the title still tell
  }
}

function note(audio: AudioContext, hertz: number, afterS: number): void {
  const at = audio.currentTime + afterS;
  const tone = audio.createOscillator();
  const gain = audio.createGain();
  tone.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.06, at + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0005, at + 0.4);
  tone.connect(gain).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.42);
}
