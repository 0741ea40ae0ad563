import type { Identity, WidgetConfig } from "./service";

/** Between the page's loader and this frame: a handful of messages, both origins checked. */

export type ToFrame =
  | { lingxi: 1; type: "opened" | "closed"; greeting?: string }
  | { lingxi: 1; type: "identity"; who: Identity | null }
  | { lingxi: 1; type: "preview"; config: WidgetConfig };
export type ToPage =
  | { lingxi: 1; type: "ready" }
  | { lingxi: 1; type: "close" }
  | { lingxi: 1; type: "identity_refused"; code: string }
  | { lingxi: 1; type: "unread"; count: number; title: string };

/** What the loader wrote behind the `#` of this frame's address. */
export interface FrameOptions {
  /** Origin of the page that embeds us; null when opened on its own. */
  host: string | null;
  pageUrl: string | null;
  language: string | null;
  color: string | null;
  theme: string | null;
  /** Shown to the owner beside the settings: nobody is connected. */
  preview: boolean;
}

export function readOptions(hash: string, embedded: boolean): FrameOptions {
  const values = new URLSearchParams(hash.replace(/^#/, ""));
  const host = values.get("host");
  return {
    host: embedded ? host : null,
    pageUrl: values.get("page"),
    language: values.get("language"),
    color: values.get("color"),
    theme: values.get("theme"),
    preview: embedded && host === location.origin && values.has("preview"),
  };
}

export class Frame {
  constructor(
    private readonly host: string | null,
    private readonly self: Window = window,
  ) {}

  get embedded(): boolean {
    return this.host !== null;
  }

  tell(message: ToPage): void {
    // Naming the origin means that only the page which embedded us can read it.
    if (this.host !== null) this.self.parent.postMessage(message, this.host);
  }

  listen(heard: (message: ToFrame) => void): void {
    this.self.addEventListener("message", (event: MessageEvent<Partial<ToFrame> | null>) => {
      if (event.origin !== this.host || event.source !== this.self.parent) return;
      if (event.data?.lingxi === 1) heard(event.data as ToFrame);
    });
  }
}
