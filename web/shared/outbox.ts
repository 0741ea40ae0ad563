import type { Message, SendContent, WireFile } from "./events";

/** A message of ours that the server has not acknowledged yet. */
export interface Outgoing {
  clientMsgId: string;
  content: SendContent;
  /** What `content.files` and `content.reply_to` name, to be shown meanwhile. */
  files?: WireFile[];
  quoted?: Message;
  /** Unix ms of when it was written: the order in which it is sent. */
  at: number;
  /** Set when the server refused it; `retryAt` (unix ms) when it said that later will do. */
  refused?: { code: string; words: string; retryAt: number | null };
}

export type KeyValue = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** More than this waiting for a connection is a mistake, not a conversation. */
export const OUTBOX_LIMIT = 50;
const PREFIX = "lingxi.out.";

/**
 * What was written and not yet acknowledged, kept over reloads.
 *
 * Each message has a key of its own, so that several tabs of one visitor never overwrite each
 * other; a message sent by two tabs is one message to the server, by its `client_msg_id`.
 */
export class Outbox {
  #items: Outgoing[];

  constructor(private readonly storage: KeyValue) {
    this.#items = load(storage);
  }

  get items(): readonly Outgoing[] {
    return this.#items;
  }

  /** False when full: nothing was kept, and the caller must say so. */
  put(item: Outgoing): boolean {
    const others = this.#items.filter((other) => other.clientMsgId !== item.clientMsgId);
    if (others.length >= OUTBOX_LIMIT) return false;
    this.#items = [...others, item].sort(byTime);
    this.storage.setItem(PREFIX + item.clientMsgId, JSON.stringify(item));
    return true;
  }

  find(clientMsgId: string): Outgoing | undefined {
    return this.#items.find((item) => item.clientMsgId === clientMsgId);
  }

  remove(clientMsgId: string): void {
    this.#items = this.#items.filter((item) => item.clientMsgId !== clientMsgId);
    this.storage.removeItem(PREFIX + clientMsgId);
  }
}

function byTime(a: Outgoing, b: Outgoing): number {
  return a.at - b.at || (a.clientMsgId < b.clientMsgId ? -1 : 1);
}

function load(storage: KeyValue): Outgoing[] {
  const found: Outgoing[] = [];
  for (let i = 0; i < storage.length; i++) {
    const key = storage.key(i);
    if (!key?.startsWith(PREFIX)) continue;
    const item = parse(storage.getItem(key));
    if (item) found.push(item);
  }
  return found.sort(byTime).slice(0, OUTBOX_LIMIT);
}

function parse(text: string | null): Outgoing | null {
  try {
    const item = JSON.parse(text ?? "") as Partial<Outgoing>;
    const ok = typeof item.clientMsgId === "string" && typeof item.content?.text === "string";
    return ok ? { ...(item as Outgoing), at: Number(item.at) || 0 } : null;
  } catch {
    return null; // another version of the widget wrote it, or a person did
  }
}

/** `localStorage` where the browser allows it to a frame, else memory for the life of the page. */
export function openStorage(): KeyValue {
  try {
    const storage = window.localStorage;
    storage.setItem("lingxi.probe", "1");
    storage.removeItem("lingxi.probe");
    return new GuardedStorage(storage);
  } catch {
    return new MemoryStorage();
  }
}

/** A full disk must not stop a message from being sent: it is then kept in memory alone. */
class GuardedStorage implements KeyValue {
  constructor(private readonly inner: Storage) {}
  get length(): number {
    return this.inner.length;
  }
  key(index: number): string | null {
    return this.inner.key(index);
  }
  getItem(key: string): string | null {
    return this.inner.getItem(key);
  }
  removeItem(key: string): void {
    this.inner.removeItem(key);
  }
  setItem(key: string, value: string): void {
    try {
      this.inner.setItem(key, value);
    } catch {
      console.warn("lingxi: storage is full, this message will not survive a reload");
    }
  }
}

export class MemoryStorage implements KeyValue {
  #map = new Map<string, string>();
  get length(): number {
    return this.#map.size;
  }
  key(index: number): string | null {
    return [...this.#map.keys()][index] ?? null;
  }
  getItem(key: string): string | null {
    return this.#map.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.#map.set(key, value);
  }
  removeItem(key: string): void {
    this.#map.delete(key);
  }
}
