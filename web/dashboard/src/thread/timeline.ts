import type { Message, WireNote } from "../../../shared/events";
import type { Pending } from "../live/thread";

export type Item =
  | { kind: "day"; key: string; iso: string }
  | { kind: "notice"; key: string; message: Message }
  | { kind: "message"; key: string; message: Message; first: boolean; last: boolean }
  | { kind: "note"; key: string; note: WireNote }
  | { kind: "pending"; key: string; pending: Pending };

/** Further apart than this, and the author and the time are shown again. */
const GROUP_MS = 5 * 60_000;

function sameGroup(a: Message | undefined, b: Message | undefined): boolean {
  if (!a || !b || a.author.type === "system" || b.author.type === "system") return false;
  return (
    a.author.id === b.author.id &&
    a.author.type === b.author.type &&
    Math.abs(Date.parse(b.created_at) - Date.parse(a.created_at)) < GROUP_MS &&
    sameDay(a.created_at, b.created_at)
  );
}

function sameDay(a: string, b: string): boolean {
  return new Date(a).toDateString() === new Date(b).toDateString();
}

/**
 * What the conversation shows, top to bottom: days, notices, grouped messages, each note below the
 * message after which it was written, then what is not confirmed.
 */
export function timeline(messages: readonly Message[], pending: readonly Pending[], notes: readonly WireNote[] = []): Item[] {
  const items: Item[] = [];
  const first = messages[0]?.seq ?? 0;
  const bySeq = new Map<number, WireNote[]>();
  for (const note of notes) bySeq.set(note.after_seq, [...(bySeq.get(note.after_seq) ?? []), note]);
  const put = (seq: number) => {
    for (const note of bySeq.get(seq) ?? []) items.push({ kind: "note", key: note.id, note });
  };
  if (first <= 1) put(0);
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    if (before) put(before.seq);
    if (!before || !sameDay(before.created_at, message.created_at)) {
      items.push({ kind: "day", key: `day-${message.seq}`, iso: message.created_at });
    }
    if (message.author.type === "system") {
      items.push({ kind: "notice", key: message.id, message });
      return;
    }
    const after = messages[index + 1];
    items.push({
      kind: "message",
      // Not the id: an optimistic copy keeps its place when its message arrives.
      key: message.client_msg_id ?? message.id,
      message,
      first: !sameGroup(before, message),
      last: !sameGroup(message, after) || bySeq.has(message.seq),
    });
  });
  if (messages.length > 0) put(messages.at(-1)?.seq ?? 0);
  for (const one of pending) items.push({ kind: "pending", key: one.clientMsgId, pending: one });
  return items;
}
