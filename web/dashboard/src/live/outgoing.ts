import { fileKey } from "../../../shared/content";
import type { AgentClientEvent, Nack } from "../../../shared/events";
import type { Pending } from "./thread";

/** Longer without an ack than this, and a message is shown as not sent, with a button. */
export const ACK_TIMEOUT_MS = 15_000;

interface Waiting {
  conversationId: string;
  pending: Pending;
}

/**
 * What I wrote and the server has not confirmed, in whichever conversation.
 *
 * It outlives leaving the conversation and losing the connection: each message is sent again with
 * its own `client_msg_id` until it is acknowledged, refused, or discarded by me.
 */
export class Outgoing {
  #waiting = new Map<string, Waiting>();
  #timers = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly send: (event: AgentClientEvent) => boolean,
    private readonly changed: (conversationId: string) => void,
  ) {}

  of(conversationId: string): readonly Pending[] {
    return [...this.#waiting.values()].filter((one) => one.conversationId === conversationId).map(({ pending }) => pending);
  }

  put(conversationId: string, pending: Pending): void {
    this.#waiting.set(pending.clientMsgId, { conversationId, pending });
    this.changed(conversationId);
    this.#transmit(conversationId, pending);
  }

  /** The server has it. */
  settled(clientMsgId: string): void {
    this.#forgetTimer(clientMsgId);
    this.#waiting.delete(clientMsgId);
  }

  refused({ client_msg_id, words }: Nack): void {
    if (client_msg_id !== null) this.#change(client_msg_id, { state: "failed", words });
  }

  again(clientMsgId: string): void {
    this.#change(clientMsgId, { state: "sending", words: null });
    const waiting = this.#waiting.get(clientMsgId);
    if (waiting) this.#transmit(waiting.conversationId, waiting.pending);
  }

  discard(clientMsgId: string): void {
    const waiting = this.#waiting.get(clientMsgId);
    this.settled(clientMsgId);
    if (waiting) this.changed(waiting.conversationId);
  }

  /** A new connection: whatever was on its way is sent again. */
  resend(): void {
    for (const { conversationId, pending } of this.#waiting.values()) {
      if (pending.state === "sending") this.#transmit(conversationId, pending);
    }
  }

  stop(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  #transmit(conversationId: string, { clientMsgId, text, files, quote }: Pending): void {
    this.send({
      type: "send",
      conversation_id: conversationId,
      client_msg_id: clientMsgId,
      content: {
        text,
        ...(files.length > 0 ? { files: files.map(fileKey) } : {}),
        ...(quote ? { reply_to: quote.message_id } : {}),
      },
    });
    this.#forgetTimer(clientMsgId);
    const unconfirmed = () => this.#change(clientMsgId, { state: "failed", words: null });
    this.#timers.set(clientMsgId, setTimeout(unconfirmed, ACK_TIMEOUT_MS));
  }

  #change(clientMsgId: string, change: Partial<Pending>): void {
    this.#forgetTimer(clientMsgId);
    const waiting = this.#waiting.get(clientMsgId);
    if (!waiting) return;
    this.#waiting.set(clientMsgId, { ...waiting, pending: { ...waiting.pending, ...change } });
    this.changed(waiting.conversationId);
  }

  #forgetTimer(clientMsgId: string): void {
    clearTimeout(this.#timers.get(clientMsgId));
    this.#timers.delete(clientMsgId);
  }
}
