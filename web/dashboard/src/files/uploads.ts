import type { WireFile } from "../../../shared/events";

/** A file beside the reply: on its way, there, or refused in words. */
export interface Upload {
  id: number;
  name: string;
  size: number;
  /** 0 to 1. */
  sent: number;
  file: WireFile | null;
  refused: string | null;
}

/** As many as one message takes. */
export const MAX_FILES = 5;
const NONE: readonly Upload[] = [];
const PREFIX = "lingxi.dashboard.files.";

type Kept = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/**
 * The files that will go with the next reply, by conversation: they stay while I look at another.
 * What has arrived is kept over a reload, as drafts are; what is still on its way asks first.
 */
export class Uploads {
  #items = new Map<string, readonly Upload[]>();
  #running = new Map<number, XMLHttpRequest>();
  #listeners = new Set<() => void>();
  #next = 1;

  constructor(private readonly kept: Kept = sessionStorage) {
    addEventListener("beforeunload", this.#ask);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  of(conversationId: string): readonly Upload[] {
    const known = this.#items.get(conversationId);
    if (known) return known;
    const files = parse(this.kept.getItem(PREFIX + conversationId));
    if (files.length === 0) return NONE;
    const again = files.map((file) => this.#arrived(file));
    this.#items.set(conversationId, again);
    return again;
  }

  add(conversationId: string, language: string, files: readonly File[]): void {
    const items = this.of(conversationId);
    const fresh = files.slice(0, MAX_FILES - items.length).map((source) => ({ source, id: this.#next++ }));
    const shown = fresh.map(({ source, id }) => ({ id, name: nameOf(source), size: source.size, sent: 0, file: null, refused: null }));
    this.#set(conversationId, [...items, ...shown]);
    for (const { source, id } of fresh) {
      const tell = (part: Partial<Upload>) =>
        this.#set(conversationId, this.of(conversationId).map((one) => (one.id === id ? { ...one, ...part } : one)));
      this.#running.set(id, send(conversationId, language, source, tell));
    }
  }

  /** Files that the server has already, such as an entry's. */
  place(conversationId: string, files: readonly WireFile[]): void {
    const items = this.of(conversationId);
    const fresh = files.filter(({ url }) => !items.some(({ file }) => file?.url === url)).slice(0, MAX_FILES - items.length);
    if (fresh.length > 0) this.#set(conversationId, [...items, ...fresh.map((file) => this.#arrived(file))]);
  }

  remove(conversationId: string, id: number): void {
    this.#running.get(id)?.abort();
    this.#running.delete(id);
    this.#set(conversationId, this.of(conversationId).filter((one) => one.id !== id));
  }

  clear(conversationId: string): void {
    for (const { id } of this.of(conversationId)) this.remove(conversationId, id);
  }

  stop(): void {
    removeEventListener("beforeunload", this.#ask);
    for (const request of this.#running.values()) request.abort();
  }

  #arrived(file: WireFile): Upload {
    return { id: this.#next++, name: file.name, size: file.size, sent: 1, file, refused: null };
  }

  #ask = (event: BeforeUnloadEvent): void => {
    const onItsWay = [...this.#items.values()].flat().some(({ file, refused }) => !file && refused === null);
    if (onItsWay) event.preventDefault();
  };

  #set(conversationId: string, items: readonly Upload[]): void {
    this.#items.set(conversationId, items.length > 0 ? items : NONE);
    const files = items.flatMap(({ file }) => (file ? [file] : []));
    if (files.length > 0) this.kept.setItem(PREFIX + conversationId, JSON.stringify(files));
    else this.kept.removeItem(PREFIX + conversationId);
    for (const listener of this.#listeners) listener();
  }
}

function parse(text: string | null): WireFile[] {
  try {
    return text === null ? [] : (JSON.parse(text) as WireFile[]);
  } catch {
    return []; // another version of the dashboard wrote it
  }
}

function nameOf(file: File): string {
  return file.name || "image.png";
}

function send(conversationId: string, language: string, source: File, tell: (part: Partial<Upload>) => void): XMLHttpRequest {
  const request = new XMLHttpRequest(); // fetch cannot tell how much is sent
  request.open("POST", `/api/conversations/${conversationId}/files?name=${encodeURIComponent(nameOf(source))}`);
  request.setRequestHeader("Accept-Language", language);
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => tell({ sent: total > 0 ? loaded / total : 0 });
  request.onload = () => {
    if (request.status < 300) return tell({ file: request.response as WireFile, sent: 1 });
    const body = request.response as { error?: { words?: string } } | null;
    tell({ refused: body?.error?.words ?? "" });
  };
  request.onerror = () => tell({ refused: "" });
  request.send(source);
  return request;
}
