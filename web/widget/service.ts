import type { Language, WireFile } from "../shared/events";
import type { KeyValue } from "../shared/outbox";

/** `GET /api/widget/config`: what the owner decided about the widget. */
export interface WidgetConfig {
  title: string | Record<Language, string>;
  welcome: Record<Language, string>;
  color: string;
  position: "left" | "right";
  voice: boolean;
  languages: Language[];
  office_open: boolean;
  files: boolean;
  suggestions: Record<Language, string[]>;
}

export interface Session {
  token: string;
  visitor_id: string;
  conversation_id: string;
}

/** An answer other than 2xx; `words` are meant for the customer. */
export class ServiceError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly words: string,
  ) {
    super(`${status} ${code}`);
  }
}

interface ErrorBody {
  error?: { code?: string; words?: string };
}

function refusal(status: number, body: ErrorBody | null): ServiceError {
  return new ServiceError(status, body?.error?.code ?? "http", body?.error?.words ?? "");
}

const TIMEOUT_MS = 15_000;
const TOKEN_KEY = "lingxi.token";

async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(path, {
    ...init,
    credentials: "omit", // the dashboard's cookie is nobody's business here
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    throw refusal(response.status, (await response.json().catch(() => null)) as ErrorBody | null);
  }
  return (await response.json()) as T;
}

function post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
  return call<T>(path, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

export function fetchConfig(): Promise<WidgetConfig> {
  return call<WidgetConfig>("/api/widget/config");
}

/** Who this browser is to the server; the token lives in this frame's storage, never in a URL. */
export class Visitor {
  constructor(private readonly storage: KeyValue) {}

  get token(): string | null {
    return this.storage.getItem(TOKEN_KEY);
  }

  async session(renew: boolean, language: Language, pageUrl: string | null): Promise<string> {
    const known = renew ? null : this.token;
    const asked = { language, ...(known && { token: known }), ...(pageUrl && { page_url: pageUrl }) };
    try {
      const { token } = await post<Session>("/api/visitor/session", asked);
      this.storage.setItem(TOKEN_KEY, token);
      return token;
    } catch (error) {
      const unknown = error instanceof ServiceError && [401, 403, 422].includes(error.status);
      if (known && unknown) return this.session(true, language, pageUrl);
      throw error;
    }
  }

  /** Keep a file for a message to come; `progress` hears how much is sent, 0 to 1. */
  upload(file: File, progress: (sent: number) => void): { stop: () => void; done: Promise<WireFile> } {
    const request = new XMLHttpRequest(); // fetch cannot tell how much is sent
    const done = new Promise<WireFile>((resolve, reject) => {
      request.open("POST", `/api/visitor/files?name=${encodeURIComponent(file.name || "image.png")}`);
      request.setRequestHeader("Authorization", `Bearer ${this.token ?? ""}`);
      request.responseType = "json";
      request.upload.onprogress = ({ loaded, total }) => progress(total > 0 ? loaded / total : 0);
      request.onload = () => {
        if (request.status < 300) return resolve(request.response as WireFile);
        reject(refusal(request.status, request.response as ErrorBody | null));
      };
      request.onerror = () => reject(refusal(0, null));
      request.send(file);
    });
    return { stop: () => request.abort(), done };
  }

  /** Where the spoken form of a message lies; rendered now if need be. */
  async voice(messageId: string): Promise<string> {
    const headers = { Authorization: `Bearer ${this.token ?? ""}` };
    const { url } = await post<{ url: string }>("/api/voice", { message_id: messageId }, headers);
    return url;
  }
}

export function socketUrl(location: Location): string {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`;
}
