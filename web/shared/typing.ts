/** Draft previews: at most one in this time. */
const TYPING_EVERY_MS = 900;
const TYPING_ENDS_AFTER_MS = 6_000;

/** Tells the other side what is being written, at most about once a second, and when that ends. */
export class Typing {
  #timer: ReturnType<typeof setTimeout> | null = null;
  #draft: string | null = null;
  #told: string | null = null;
  #toldAt = 0;

  constructor(
    private readonly tell: (text: string | null) => boolean,
    private readonly now: () => number,
  ) {}

  wrote(text: string): void {
    this.#draft = text === "" ? null : text;
    this.#next();
  }

  /** It has become a message: that tells more. */
  sent(): void {
    this.#draft = this.#told = null;
  }

  /** Whoever listened is gone. */
  lost(): void {
    this.#told = null;
  }

  stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #next(): void {
    this.stop();
    const wait = this.#toldAt + TYPING_EVERY_MS - this.now();
    if (this.#draft !== this.#told && wait > 0) {
      this.#timer = setTimeout(() => this.#next(), wait);
      return;
    }
    if (this.#draft !== this.#told && this.tell(this.#draft)) {
      this.#told = this.#draft;
      this.#toldAt = this.now();
    }
    if (this.#told === null) return;
    this.#timer = setTimeout(() => {
      if (this.tell(null)) this.#told = null;
    }, TYPING_ENDS_AFTER_MS);
  }
}
