import { fileKey, plainContent } from "./content";
import { Delivery } from "./delivery";
import type { Ack, ClientEvent, Language, Message, SendContent, ServerEvent, WireFile, WireQuote } from "./events";
import { EMPTY, fold, foldAck, hasGap, skipGap, type Conversation } from "./fold";
import { Link, type SocketLike } from "./link";
import type { Outbox, Outgoing } from "./outbox";
import { Typing } from "./typing";

export interface ChatState extends Conversation {
  link: "connecting" | "online" | "offline";
  /** Unix ms of the next attempt while offline. */
  retryAt: number | null;
  /** Why we are offline where the server itself said so. */
  refusal: string | null;
  outgoing: readonly Outgoing[];
}

export interface ChatOptions {
  connect: () => SocketLike;
  /** A visitor token; with `renew`, a new one because the server no longer knows the old. */
  session: (renew: boolean) => Promise<string>;
  outbox: Outbox;
  language: Language;
  voice: boolean;
  pageUrl: string | null;
  newId?: () => string;
  now?: () => number;
  random?: () => number;
}

/** Events overtake each other by milliseconds; a gap older than this is a loss. */
const GAP_PATIENCE_MS = 1_500;
const READ_AFTER_MS = 100;
/** The server's words for "I do not know this token". */
const TOKEN_CODES = new Set(["unauthorized", "unauthenticated", "bad_token", "token_expired"]);
const TOKEN_CLOSE_CODE = 4401;

type Timer = ReturnType<typeof setTimeout>;

/**
 * A visitor's side of the conversation.
 *
 * What the server acknowledged is shown once and in order; what it has not is kept in the outbox
 * and sent again after every reconnect, with the same `client_msg_id`, until it is.
 */
export class ChatClient {
  #state: ChatState;
  #listeners = new Set<() => void>();
  #eventListeners = new Set<(event: ServerEvent) => void>();
  #link: Link;
  #token: string | null = null;
  #renew = false;
  #welcomed = false;
  #gapTried = -1;
  #delivery: Delivery;
  #gapTimer: Timer | null = null;
  #typing: Typing;
  #read = 0;
  #seen = 0;
  #readTimer: Timer | null = null;
  readonly #now: () => number;
  readonly #newId: () => string;

  constructor(private readonly options: ChatOptions) {
    this.#now = options.now ?? Date.now;
    this.#newId = options.newId ?? newClientMsgId;
    this.#delivery = new Delivery(options.outbox, {
      emit: (event) => this.#emit(event),
      silent: () => this.#link.bounce(),
      changed: () => this.#set({ outgoing: options.outbox.items }),
      now: this.#now,
    });
    this.#typing = new Typing((text) => this.#emit({ type: "typing", text }), this.#now);
    this.#state = { ...EMPTY, link: "connecting", retryAt: null, refusal: null, outgoing: options.outbox.items };
    this.#link = new Link(
      options.connect,
      {
        opened: () => void this.#hello(),
        text: (text) => this.#receive(text),
        lost: (code, retryInMs) => this.#lost(code, retryInMs),
      },
      options.random,
    );
  }

  get state(): ChatState {
    return this.#state;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Hear each event after it was folded in: for sounds and announcements, not for state. */
  onEvent(listener: (event: ServerEvent) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  start(): void {
    this.#link.start();
  }

  stop(): void {
    this.#link.stop();
    this.#delivery.stop();
    for (const timer of [this.#gapTimer, this.#readTimer]) if (timer !== null) clearTimeout(timer);
    this.#typing.stop();
  }

  retryNow(): void {
    this.#link.retryNow();
  }

  /** Open a new socket: the session now means another conversation, or the network changed. */
  reconnect(): void {
    this.#token = null;
    this.#link.bounce();
    this.#link.retryNow();
  }

  /** Keep and send. False when too much is waiting already. */
  send(content: SendContent, files: WireFile[] = [], quoted: Message | null = null): boolean {
    const item: Outgoing = {
      clientMsgId: this.#newId(),
      content: {
        ...content,
        ...(files.length > 0 && { files: files.map(fileKey) }),
        ...(quoted && { reply_to: quoted.id }),
      },
      at: this.#now(),
      ...(files.length > 0 && { files }),
      ...(quoted && { quoted }),
    };
    if (!this.#delivery.put(item)) return false;
    this.#typing.sent();
    return true;
  }

  /** Send a refused message again: the same words are the same message. */
  retry(clientMsgId: string): void {
    const item = this.options.outbox.find(clientMsgId);
    if (!item) return;
    const { refused: _, ...anew } = item;
    this.#delivery.put(anew);
  }

  discard(clientMsgId: string): void {
    this.#delivery.settled(clientMsgId);
  }

  /** Tell the other side what is being written, at most about once a second. */
  typing(text: string): void {
    this.#typing.wrote(text);
  }

  /** The last one of what comes at once: a history of hundreds is read with one event. */
  read(seq: number): void {
    this.#seen = Math.max(seq, this.#seen);
    this.#readTimer ??= setTimeout(() => {
      this.#readTimer = null;
      if (this.#seen > this.#read && this.#emit({ type: "read", seq: this.#seen })) this.#read = this.#seen;
    }, READ_AFTER_MS);
  }

  feedback(messageId: string, value: "up" | "down"): boolean {
    if (!this.#emit({ type: "feedback", message_id: messageId, value })) return false;
    const messages = this.#state.messages.map((message) =>
      message.id === messageId ? { ...message, feedback: value } : message,
    );
    this.#set({ messages });
    return true;
  }

  /** Take our own message back; the server knows whether it is still time. */
  recall(messageId: string): boolean {
    return this.#emit({ type: "recall", message_id: messageId });
  }

  rate(stars: number, comment: string): boolean {
    return this.#emit({ type: "rate", stars, comment });
  }

  requestHuman(): boolean {
    return this.#emit({ type: "request_human" });
  }

  cancel(): boolean {
    return this.#emit({ type: "cancel" });
  }

  setVoice(on: boolean): void {
    this.options.voice = on;
    this.#emit({ type: "set_voice", on });
  }

  dismissError(): void {
    this.#set({ error: null });
  }

  setLanguage(language: Language): void {
    this.options.language = language;
  }

  #set(change: Partial<ChatState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  async #hello(): Promise<void> {
    try {
      this.#token ??= await this.options.session(this.#renew);
    } catch (error) {
      this.#set({ refusal: (error as { words?: string } | null)?.words || null });
      this.#link.bounce(); // counted as a failure: tried again later, and later
      return;
    }
    this.#renew = false;
    const { lastSeq, epoch } = this.#state;
    const { language, voice, pageUrl } = this.options;
    this.#send({
      type: "hello",
      token: this.#token,
      last_seq: lastSeq,
      epoch,
      language,
      voice,
      page_url: pageUrl,
    });
  }

  #lost(code: number, retryInMs: number | null): void {
    this.#welcomed = false;
    this.#delivery.lost();
    this.#typing.lost();
    if (code === TOKEN_CLOSE_CODE) this.#forgetToken();
    const retryAt = retryInMs === null ? null : this.#now() + retryInMs;
    this.#set({ link: "offline", retryAt, partial: null, peerTyping: null });
  }

  #forgetToken(): void {
    this.#token = null;
    this.#renew = true;
  }

  #receive(text: string): void {
    let event: ServerEvent;
    try {
      event = JSON.parse(text) as ServerEvent;
    } catch {
      console.warn("lingxi: expected a JSON event, got something else");
      return;
    }
    this.#apply(event);
    for (const listener of this.#eventListeners) listener(event);
  }

  #apply(event: ServerEvent): void {
    switch (event.type) {
      case "ack":
        return this.#acked(event);
      case "nack":
        if (!this.#delivery.refused(event)) this.#set({ error: { code: event.code, words: event.words } });
        return;
      case "error":
        if (TOKEN_CODES.has(event.code)) {
          this.#forgetToken();
          return this.#link.bounce();
        }
        if (!this.#welcomed) this.#set({ refusal: event.words });
        break;
      case "message":
        // Ours, heard through another tab or after a crash between commit and ack.
        if (event.message.client_msg_id !== null) this.#delivery.settled(event.message.client_msg_id);
        break;
    }
    if (event.type === "reset") this.#gapTried = -1;
    this.#set(fold(this.#state, event));
    if (event.type === "welcome") this.#welcome();
    this.#watchGap();
  }

  #welcome(): void {
    this.#welcomed = true;
    this.#link.healthy();
    this.#set({ link: "online", retryAt: null, refusal: null });
    this.#delivery.flush();
  }

  #acked(ack: Ack): void {
    const item = this.options.outbox.find(ack.client_msg_id);
    this.#delivery.settled(ack.client_msg_id);
    if (item) {
      this.#set(foldAck(this.#state, ack, shown(item)));
      this.#watchGap();
    }
  }

  #watchGap(): void {
    if (this.#gapTimer !== null) clearTimeout(this.#gapTimer);
    if (!hasGap(this.#state)) return;
    this.#gapTimer = setTimeout(() => {
      // Ask once by resuming; if the server has nothing to fill it with, show what there is.
      if (this.#gapTried === this.#state.lastSeq) return this.#set(skipGap(this.#state));
      this.#gapTried = this.#state.lastSeq;
      this.#link.bounce();
      this.#link.retryNow();
    }, GAP_PATIENCE_MS);
  }

  /** Only after `welcome`: before it, the server expects nothing but `hello`. */
  #emit(event: ClientEvent): boolean {
    return this.#welcomed && this.#send(event);
  }

  #send(event: ClientEvent): boolean {
    return this.#link.send(JSON.stringify(event));
  }
}

/** A message of ours as it will look once the server tells it. */
export function shown({ content, files = [], quoted }: Outgoing): Message["content"] {
  return plainContent(content.text, { files, quote: quoted ? quoteOf(quoted) : null });
}

export function quoteOf({ id, author, content }: Message): WireQuote {
  const names = content.files.map(({ name }) => `[${name}]`);
  const text = [content.text, ...names].join(" ").replace(/\s+/g, " ").trim().slice(0, 120);
  return { message_id: id, author: author.type, name: author.name, text };
}

/** 128 random bits: two tabs never choose the same. */
export function newClientMsgId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
