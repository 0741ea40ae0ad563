import type { Content, WireFile } from "./events";

/** What a message of ours shows until the server tells it. */
export function plainContent(text: string, more: Partial<Content> = {}): Content {
  return {
    text,
    buttons: [],
    cards: [],
    image_url: null,
    attachment_url: null,
    custom: null,
    citations: [],
    source: null,
    language: null,
    notice: null,
    files: [],
    quote: null,
    recalled: false,
    ...more,
  };
}

/** The key by which an uploaded file is sent. */
export function fileKey({ url }: WireFile): string {
  return url.split("/").at(-1) ?? "";
}

export function isPicture(file: Pick<WireFile, "width" | "media_type">): boolean {
  return file.width !== null && file.media_type.startsWith("image/");
}

/** "820 KB", "3.1 MB": as people say it. */
export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
