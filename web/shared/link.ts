/** The part of `WebSocket` that is used, so that a test can hand in its own. */
export interface SocketLike {
  readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

export interface LinkListeners {
  opened: () => void;
  text: (text: string) => void;
  /** `retryInMs` is null when the link was stopped. */
  lost: (code: number, retryInMs: number | null) => void;
}

const OPEN = 1;
const FIRST_DELAY_MS = 600;
const LONGEST_DELAY_MS = 30_000;
const CONNECT_TIMEOUT_MS = 12_000;
/** Service restart: the server said so itself and will be back soon. */
const RESTART_CODE = 1012;

/** Doubling delay with full jitter: a restart is not met by everybody at once. */
export function backoffMs(failures: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(ceiling * (0.3 + 0.7 * random));
}

/** One WebSocket that is kept up by reconnecting; knows nothing about what the texts mean. */
export class Link {
  #socket: SocketLike | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #failures = 0;
  #running = false;

  constructor(
    private readonly connect: () => SocketLike,
    private readonly listeners: LinkListeners,
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#open();
  }

  stop(): void {
    this.#running = false;
    this.#drop(1000);
  }

  /** The other side answered sensibly: the next failure starts counting from one again. */
  healthy(): void {
    this.#failures = 0;
  }

  /** Skip the rest of the waiting time, for instance because the browser is online again. */
  retryNow(): void {
    if (this.#running && !this.#socket) this.#open();
  }

  /** Give this socket up and open another: it is silent, or we have missed something. */
  bounce(): void {
    if (this.#running && this.#socket) this.#closed(this.#socket, 4000);
  }

  /** False when not connected: the caller keeps what must not be lost. */
  send(text: string): boolean {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  #open(): void {
    this.#clearTimer();
    const socket = this.connect();
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#closed(socket, 4001), CONNECT_TIMEOUT_MS);
    socket.onopen = () => {
      this.#clearTimer();
      this.listeners.opened();
    };
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") this.listeners.text(data);
    };
    socket.onclose = ({ code }) => this.#closed(socket, code);
  }

  #closed(socket: SocketLike, code: number): void {
    if (this.#socket !== socket) return;
    this.#drop(code);
    if (!this.#running) {
      this.listeners.lost(code, null);
      return;
    }
    this.#failures = code === RESTART_CODE ? 1 : this.#failures + 1;
    const delay = backoffMs(this.#failures, this.random());
    this.#timer = setTimeout(() => this.#open(), delay);
    this.listeners.lost(code, delay);
  }

  #drop(code: number): void {
    this.#clearTimer();
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // Browsers accept 1000 and 3000-4999 here and throw on anything else.
    socket.close(code >= 3000 && code < 5000 ? code : 1000);
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
