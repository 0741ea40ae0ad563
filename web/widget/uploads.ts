import type { WireFile } from "../shared/events";
import { refusal, ServiceError, type ErrorBody, type Visitor } from "./service";

/** A file beside the composer: on its way, there, or refused in words. */
export interface Upload {
  id: number;
  name: string;
  size: number;
  /** Address of a picture's own preview. */
  preview: string | null;
  /** 0 to 1. */
  sent: number;
  file: WireFile | null;
  refused: string | null;
  /** The same file may be taken the next time: the network failed, or too much was sent at once. */
  again: boolean;
}

export const MAX_FILES = 5;

/** The files that will go with the next message. */
export class Uploads {
  items: readonly Upload[] = [];
  #next = 1;
  #stop = new Map<number, () => void>();
  #sources = new Map<number, File>();

  constructor(
    private readonly visitor: Visitor,
    private readonly changed: () => void,
  ) {}

  /** False when some were too many. */
  add(files: readonly File[]): boolean {
    const room = MAX_FILES - this.items.length;
    for (const file of files.slice(0, room)) this.#take(file);
    return files.length <= room;
  }

  get ready(): WireFile[] {
    return this.items.flatMap(({ file }) => (file ? [file] : []));
  }

  get busy(): boolean {
    return this.items.some(({ file, refused }) => !file && !refused);
  }

  remove(id: number): void {
    this.#stop.get(id)?.();
    const { preview } = this.items.find((item) => item.id === id) ?? {};
    if (preview) URL.revokeObjectURL(preview);
    this.#sources.delete(id);
    this.#set(this.items.filter((item) => item.id !== id));
  }

  clear(): void {
    for (const { id } of this.items) this.remove(id);
  }

  retry(id: number): void {
    this.#change(id, { sent: 0, refused: null });
    this.#send(id);
  }

  #take(file: File): void {
    const id = this.#next++;
    const picture = /^image\/(png|jpeg|gif|webp)$/.test(file.type);
    const preview = picture ? URL.createObjectURL(file) : null;
    this.#set([...this.items, { id, name: file.name || "image.png", size: file.size, preview, sent: 0, file: null, refused: null, again: false }]);
    this.#sources.set(id, file);
    this.#send(id);
  }

  #send(id: number): void {
    const file = this.#sources.get(id);
    if (!file) return;
    const { stop, done } = upload(this.visitor, file, (sent) => this.#change(id, { sent }));
    this.#stop.set(id, stop);
    done.then(
      (kept) => this.#change(id, { file: kept, sent: 1 }),
      (error: unknown) => {
        const { status, words } = error instanceof ServiceError ? error : { status: 0, words: "" };
        this.#change(id, { refused: words, again: status === 0 || status === 429 || status >= 500 });
      },
    );
  }

  #change(id: number, change: Partial<Upload>): void {
    this.#set(this.items.map((item) => (item.id === id ? { ...item, ...change } : item)));
  }

  #set(items: readonly Upload[]): void {
    this.items = items;
    this.changed();
  }
}

/** `progress` hears how much is sent, 0 to 1. */
function upload(visitor: Visitor, file: File, progress: (sent: number) => void): { stop: () => void; done: Promise<WireFile> } {
  const request = new XMLHttpRequest(); // fetch cannot tell how much is sent
  let stopped = false;
  const send = (headers: Record<string, string>): Promise<WireFile> =>
    new Promise((resolve, reject) => {
      if (stopped) return;
      request.open("POST", `/api/visitor/files?name=${encodeURIComponent(file.name || "image.png")}`);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.responseType = "json";
      request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
      request.onload = () => {
        if (request.status < 300) return resolve(request.response as WireFile);
        reject(refusal(request.status, request.response as ErrorBody | null));
      };
      request.onerror = () => reject(refusal(0, null));
      request.send(file);
    });
  const stop = (): void => {
    stopped = true;
    request.abort();
  };
  return { stop, done: visitor.headers().then(send) };
}
