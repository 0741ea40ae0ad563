import type { Language } from "../shared/events";
import type { KeyValue } from "../shared/outbox";

type Both = Record<Language, string>;

export interface Question {
  key: string;
  kind: "text" | "email" | "phone" | "choice";
  label: Both;
  required: boolean;
  choices: Both[];
}

/** What the host page shows of its customer: a token, or an id with its hash. */
export interface Identity {
  jwt?: string;
  user_id?: string;
  user_hash?: string;
  name?: string;
  email?: string;
}

/** `GET /api/widget/config`: what the owner decided about the widget. */
export interface WidgetConfig {
  title: Both;
  welcome: Both;
  color: string;
  position: "left" | "right";
  voice: boolean;
  languages: Language[];
  office_open: boolean;
  /** What to say while nobody is at the desk; empty: our own words. */
  away: Both;
  files: boolean;
  voice_input: boolean;
  /** Asked before the chat begins. */
  prechat: { intro: Both; questions: Question[] } | null;
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

export interface ErrorBody {
  error?: { code?: string; words?: string };
}

export function refusal(status: number, body: ErrorBody | null): ServiceError {
  return new ServiceError(status, body?.error?.code ?? "http", body?.error?.words ?? "");
}

const TIMEOUT_MS = 15_000;
const TOKEN_KEY = "lingxi.token";
const USER_KEY = "lingxi.user";
const TOLD_KEY = "lingxi.told";

async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(path, {
    ...init,
    credentials: "omit", // the dashboard's cookie is nobody's business here
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    throw refusal(response.status, (await response.json().catch(() => null)) as ErrorBody | null);
  }
  return (response.status === 204 ? null : await response.json()) as T;
}

export function post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> {
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
  #identity: Identity | null = null;
  #waiting: (() => void)[] = [];

  /** `refused` hears the code when the server does not believe the identity. */
  constructor(
    private readonly storage: KeyValue,
    private readonly refused: (code: string) => void,
  ) {}

  /** The page says who its customer is. True when that is another than before. */
  identify(identity: Identity | null): boolean {
    const id = idOf(identity);
    const before = this.storage.getItem(USER_KEY);
    this.#identity = identity;
    if (before === id) return false;
    if (before !== null) forgetAll(this.storage); // of somebody else: nothing of theirs is left here
    if (id !== null) this.storage.setItem(USER_KEY, id);
    return true;
  }

  /** The host site has told it already. */
  knows(key: string): boolean {
    return this.#identity !== null && (key === "name" || key === "email");
  }

  get told(): boolean {
    return this.storage.getItem(TOLD_KEY) !== null;
  }

  /** Asked and answered before the chat. */
  setTold(): void {
    this.storage.setItem(TOLD_KEY, "1");
  }

  get token(): string | null {
    return this.storage.getItem(TOKEN_KEY);
  }

  async session(renew: boolean, language: Language, pageUrl: string | null): Promise<string> {
    const known = renew ? null : this.token;
    const identity = this.#identity;
    const asked = {
      language,
      ...(known && { token: known }),
      ...(pageUrl && { page_url: pageUrl }),
      ...(identity && { identity }),
    };
    try {
      const { token } = await post<Session>("/api/visitor/session", asked);
      this.storage.setItem(TOKEN_KEY, token);
      for (const go of this.#waiting.splice(0)) go();
      return token;
    } catch (error) {
      if (identity && error instanceof ServiceError && error.code.startsWith("identity_")) {
        this.identify(null); // goes on as nobody in particular, and the page is told
        this.refused(error.code);
        return this.session(renew, language, pageUrl);
      }
      const unknown = error instanceof ServiceError && [401, 403, 422].includes(error.status);
      if (known && unknown) return this.session(true, language, pageUrl);
      throw error;
    }
  }

  /** Whoever is quicker than the first session, to attach a file say, waits for it here. */
  async headers(): Promise<Record<string, string>> {
    if (!this.token) await new Promise<void>((go) => this.#waiting.push(go));
    return { Authorization: `Bearer ${this.token}` };
  }

  /** Where the spoken form of a message lies; rendered now if need be. */
  async voice(messageId: string): Promise<string> {
    const { url } = await post<{ url: string }>("/api/voice", { message_id: messageId }, await this.headers());
    return url;
  }
}

/** Only to tell one customer from another here; the server believes nothing but the signature. */
function idOf(identity: Identity | null): string | null {
  if (!identity?.jwt) return identity?.user_id ?? null;
  try {
    const payload = identity.jwt.split(".")[1] ?? "";
    return String((JSON.parse(atob(payload.replace(/-/g, "+").replace(/_/g, "/"))) as { sub?: unknown }).sub);
  } catch {
    return "?";
  }
}

function forgetAll(storage: KeyValue): void {
  for (let i = storage.length - 1; i >= 0; i--) {
    const key = storage.key(i);
    if (key?.startsWith("lingxi.") && key !== "lingxi.preferences") storage.removeItem(key);
  }
}

export function socketUrl(location: Location): string {
  return `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`;
}
