import type { Message } from "../../../shared/events";
import type { Pending } from "../live/thread";

export type Item =
  | { kind: "day"; key: string; iso: string }
  | { kind: "notice"; key: string; message: Message }
  | { kind: "message"; key: string; message: Message; first: boolean; last: boolean }
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

/** What the conversation shows, top to bottom: days, notices, grouped messages, then unconfirmed ones. */
export function timeline(messages: readonly Message[], pending: readonly Pending[]): Item[] {
  const items: Item[] = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
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
      last: !sameGroup(message, after),
    });
  });
  for (const one of pending) items.push({ kind: "pending", key: one.clientMsgId, pending: one });
  return items;
}
