import type { ConversationSummary } from "../../../shared/events";

export interface Promised {
  first_reply_min: number | null;
  next_reply_min: number | null;
  resolution_min: number | null;
}

export interface Rules {
  auto_assign: boolean;
  method: "least_loaded" | "round_robin";
  max_chats: number;
  raise_falling_mood: boolean;
  promises: Record<ConversationSummary["priority"], Promised>;
}

export interface Clock {
  kind: "reply" | "resolution";
  /** Unix ms. */
  due: number;
  /** ms from its start to its end. */
  length: number;
}

const MINUTE_MS = 60_000;
/** With less than this share left a clock is shown as urgent. */
const URGENT_SHARE = 0.4;

/** When the customer waits for a word of ours, by when it was promised; null when they do not. */
export function replyClock(row: ConversationSummary, rules: Rules | undefined): Clock | null {
  const promise = rules?.promises[row.priority];
  const minutes = row.responded ? promise?.next_reply_min : promise?.first_reply_min;
  if (!row.awaiting_since || !minutes) return null;
  const length = minutes * MINUTE_MS;
  return { kind: "reply", due: Date.parse(row.awaiting_since) + length, length };
}

/** By when all should be done; stands still while the conversation is on hold. */
export function resolutionClock(row: ConversationSummary, rules: Rules | undefined): Clock | null {
  const minutes = rules?.promises[row.priority].resolution_min;
  if (!row.human_since || !minutes || row.held_at) return null;
  const length = minutes * MINUTE_MS;
  return { kind: "resolution", due: Date.parse(row.human_since) + row.held_s * 1000 + length, length };
}

export type Tone = "calm" | "warn" | "bad";

export function toneOf(clock: Clock, now: number): Tone {
  const left = clock.due - now;
  if (left < 0) return "bad";
  return left < clock.length * URGENT_SHARE ? "warn" : "calm";
}

export function isOverdue(row: ConversationSummary, rules: Rules | undefined, now: number): boolean {
  const clock = replyClock(row, rules);
  return clock !== null && clock.due < now;
}
