import type { Message } from "../shared/events";
import type { Outgoing } from "../shared/outbox";
import { sameDay } from "./time";

/** What one line of the message list is. Messages of one author, close in time, form a group. */
export type Row =
  | { kind: "day"; key: string; at: Date }
  | { kind: "notice"; key: string; message: Message }
  | { kind: "message"; key: string; message: Message; first: boolean; last: boolean }
  | { kind: "outgoing"; key: string; item: Outgoing };

const GROUP_MS = 5 * 60_000;

export function rows(messages: readonly Message[], outgoing: readonly Outgoing[]): Row[] {
  const out: Row[] = [];
  let day: Date | null = null;
  const refused = outgoing.filter((item) => item.refused?.retryAt === null);
  const row = (item: Outgoing): Row => ({ kind: "outgoing", key: item.clientMsgId, item });
  messages.forEach((message, index) => {
    const at = new Date(message.created_at);
    // What the server will never take stays where it was written; what waits is at the end.
    while (refused[0] && refused[0].at < at.getTime()) out.push(row(refused.shift() as Outgoing));
    if (!day || !sameDay(day, at)) out.push({ kind: "day", key: `day-${message.id}`, at });
    day = at;
    if (message.author.type === "system") {
      out.push({ kind: "notice", key: message.id, message });
      return;
    }
    const first = !together(messages[index - 1], message);
    const last = !together(message, messages[index + 1]);
    // The key of our own message is that of its optimistic copy, so that it does not blink.
    out.push({ kind: "message", key: message.client_msg_id ?? message.id, message, first, last });
  });
  const waiting = outgoing.filter((item) => item.refused?.retryAt !== null);
  return [...out, ...refused.map(row), ...waiting.map(row)];
}

function together(a: Message | undefined, b: Message | undefined): boolean {
  if (!a || !b || a.author.type !== b.author.type || a.author.name !== b.author.name) return false;
  const [from, to] = [new Date(a.created_at), new Date(b.created_at)];
  return to.getTime() - from.getTime() < GROUP_MS && sameDay(from, to);
}

/** The buttons that wait for an answer: those of the newest message, if the peer wrote it. */
export function openButtons(messages: readonly Message[], outgoing: readonly Outgoing[]): string | null {
  if (outgoing.length > 0) return null;
  for (let i = messages.length - 1; i >= 0; i--) {
    const message = messages[i] as Message;
    if (message.author.type === "visitor") return null;
    if (message.content.buttons.length > 0) return message.id;
  }
  return null;
}

export function unreadCount(messages: readonly Message[], seen: number): number {
  const fromPeer = (message: Message): boolean =>
    message.author.type === "bot" || message.author.type === "agent";
  return messages.filter((message) => message.seq > seen && fromPeer(message)).length;
}
