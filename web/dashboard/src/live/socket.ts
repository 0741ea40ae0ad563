import type { AgentClientEvent, AgentServerEvent } from "../../../shared/events";

export type Link = "connecting" | "open" | "waiting" | "refused";

export interface LinkState {
  link: Link;
  /** How many attempts in a row have failed. */
  failures: number;
  /** Unix ms of the next attempt, while `link` is `waiting`. */
  retryAt: number | null;
}

/** The part of `WebSocket` that is used, so that a test can hand in its own. */
export interface SocketLike {
  readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

interface Listeners {
  state: (state: LinkState) => void;
  event: (event: AgentServerEvent) => void;
  open: () => void;
}

const OPEN = 1;
const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
/** Policy violation and the application's own "unauthorised" and "forbidden": trying again cannot help. */
const REFUSED_CODES = new Set([1008, 4401, 4403]);

/** Doubling delay with jitter, so that a restart of the server is not met by everybody at once. */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(ceiling * (0.5 + random() / 2));
}

/** One live connection to the desk, kept up by reconnecting; says nothing about what events mean. */
export class AgentSocket {
  #socket: SocketLike | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #failures = 0;
  #stopped = true;

  constructor(
    private readonly connect: () => SocketLike,
    private readonly listeners: Listeners,
  ) {}

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#open();
  }

  stop(): void {
    this.#stopped = true;
    this.#clearTimer();
    const socket = this.#socket;
    this.#socket = null;
    if (socket) {
      socket.onclose = null;
      socket.onmessage = null;
      socket.close(1000);
    }
  }

  /** Skip the rest of the waiting time, for instance because the browser is online again. */
  retryNow(): void {
    if (this.#stopped || this.#socket) return;
    this.#clearTimer();
    this.#open();
  }

  /** False when not connected: the caller keeps what must not be lost. */
  send(event: AgentClientEvent): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(event));
    return true;
  }

  #open(): void {
    this.listeners.state({ link: "connecting", failures: this.#failures, retryAt: null });
    const socket = this.connect();
    this.#socket = socket;
    socket.onopen = () => {
      this.#failures = 0;
      this.listeners.state({ link: "open", failures: 0, retryAt: null });
      this.listeners.open();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.listeners.event(JSON.parse(data) as AgentServerEvent);
    };
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#lost(code);
    };
  }

  #lost(code: number): void {
    this.#socket = null;
    if (this.#stopped) return;
    if (REFUSED_CODES.has(code)) {
      this.#stopped = true;
      this.listeners.state({ link: "refused", failures: this.#failures, retryAt: null });
      return;
    }
    this.#failures += 1;
    const delay = backoffMs(this.#failures);
    this.listeners.state({
      link: "waiting",
      failures: this.#failures,
      retryAt: Date.now() + delay,
    });
    this.#timer = setTimeout(() => this.#open(), delay);
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
