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

/** The files that will go with the next reply, by conversation: they stay while I look at another. */
export class Uploads {
  #items = new Map<string, readonly Upload[]>();
  #running = new Map<number, XMLHttpRequest>();
  #listeners = new Set<() => void>();
  #next = 1;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  of(conversationId: string): readonly Upload[] {
    return this.#items.get(conversationId) ?? NONE;
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

  remove(conversationId: string, id: number): void {
    this.#running.get(id)?.abort();
    this.#running.delete(id);
    this.#set(conversationId, this.of(conversationId).filter((one) => one.id !== id));
  }

  clear(conversationId: string): void {
    for (const { id } of this.of(conversationId)) this.remove(conversationId, id);
  }

  stop(): void {
    for (const request of this.#running.values()) request.abort();
  }

  #set(conversationId: string, items: readonly Upload[]): void {
    if (items.length > 0) this.#items.set(conversationId, items);
    else this.#items.delete(conversationId);
    for (const listener of this.#listeners) listener();
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
