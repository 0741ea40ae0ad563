import type { ClientEvent, Nack } from "./events";
import type { Outbox, Outgoing } from "./outbox";

export interface DeliveryPorts {
  /** False while nothing can be sent. */
  emit: (event: ClientEvent) => boolean;
  /** The other end has not acknowledged in time. */
  silent: () => void;
  changed: () => void;
  now: () => number;
}

/** A socket that does not acknowledge within this time is taken for dead. */
const ACK_TIMEOUT_MS = 12_000;
const SOONEST_RETRY_MS = 50;

type Timer = ReturnType<typeof setTimeout>;

/** Takes what waits in the outbox to the server, in the order it was written, until it has arrived. */
export class Delivery {
  #inFlight = new Set<string>();
  #ackTimer: Timer | undefined;
  #retryTimer: Timer | undefined;

  constructor(
    private readonly outbox: Outbox,
    private readonly ports: DeliveryPorts,
  ) {}

  /** Keep and send. False when too much is waiting already. */
  put(item: Outgoing): boolean {
    if (!this.outbox.put(item)) return false;
    this.#inFlight.delete(item.clientMsgId);
    this.ports.changed();
    this.flush();
    return true;
  }

  /** It has arrived, or is not to be sent any more. */
  settled(clientMsgId: string): void {
    this.#inFlight.delete(clientMsgId);
    this.outbox.remove(clientMsgId);
    this.#watchAcks();
    this.ports.changed();
  }

  /** False where the refusal is of nothing that waits here. */
  refused({ client_msg_id, code, words, retry_after_s }: Nack): boolean {
    const item = client_msg_id === null ? undefined : this.outbox.find(client_msg_id);
    if (!item) return false;
    const retryAt = retry_after_s === null ? null : this.ports.now() + retry_after_s * 1000;
    this.#inFlight.delete(item.clientMsgId);
    this.outbox.put({ ...item, refused: { code, words, retryAt } });
    this.#watchAcks();
    this.ports.changed();
    this.#scheduleRetry();
    return true;
  }

  flush(): void {
    for (const { clientMsgId, content, refused } of this.outbox.items) {
      if (this.#inFlight.has(clientMsgId) || !this.#due(refused)) continue;
      if (!this.ports.emit({ type: "send", client_msg_id: clientMsgId, content })) return;
      this.#inFlight.add(clientMsgId);
    }
    this.#watchAcks();
    this.#scheduleRetry();
  }

  /** The socket is gone, and with it whatever was on its way. */
  lost(): void {
    this.#inFlight.clear();
    clearTimeout(this.#ackTimer);
  }

  stop(): void {
    clearTimeout(this.#ackTimer);
    clearTimeout(this.#retryTimer);
  }

  #due(refused: Outgoing["refused"]): boolean {
    return !refused || (refused.retryAt !== null && refused.retryAt <= this.ports.now());
  }

  #watchAcks(): void {
    clearTimeout(this.#ackTimer);
    if (this.#inFlight.size > 0) this.#ackTimer = setTimeout(this.ports.silent, ACK_TIMEOUT_MS);
  }

  #scheduleRetry(): void {
    const times = this.outbox.items
      .filter((item) => !this.#inFlight.has(item.clientMsgId))
      .map((item) => item.refused?.retryAt)
      .filter((at) => typeof at === "number");
    clearTimeout(this.#retryTimer);
    if (times.length === 0) return;
    const wait = Math.max(SOONEST_RETRY_MS, Math.min(...times) - this.ports.now());
    this.#retryTimer = setTimeout(() => this.flush(), wait);
  }
}
