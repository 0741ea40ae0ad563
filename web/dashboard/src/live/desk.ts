import { Link } from "../../../shared/link";
import type {
  AgentClientEvent,
  AgentServerEvent,
  ConversationSummary,
  Language,
  Message,
  WireFile,
  WireNote,
  WireQuote,
} from "../../../shared/events";
import type { Agent } from "../api/types";
import { Uploads } from "../files/uploads";
import { alertFor, emptyInbox, foldPage, foldRow, type Page, type View } from "./inbox";
import { Outgoing } from "./outgoing";
import type { DeskPorts, DeskState } from "./ports";
import { emptyThread, gapAfter, lastSeq, reduceThread, type ThreadAction } from "./thread";

export const PAGE_SIZE = 50;
/** Close codes that trying again cannot help: the login is gone. */
const REFUSED_CODES = new Set([4401, 4403]);
/** How much after a found message is fetched with it. */
const AFTER_FOUND = 20;
/** A customer who stopped typing without saying so (closed the tab). */
const DRAFT_TIMEOUT_MS = 12_000;

/** All that is live in the dashboard: the connection, the inbox rows, the open conversation. */
export class Desk {
  readonly uploads = new Uploads();
  #state: DeskState = {
    link: { state: "connecting", failures: 0, retryAt: null },
    inbox: emptyInbox,
    thread: null,
  };
  #snapshot = this.#state;
  #scheduled: "soon" | "calmly" | null = null;
  #listeners = new Set<() => void>();
  #link: Link;
  #folded = new WeakSet<ConversationSummary>();
  #taking: string | null = null;
  #fillingGap = false;
  #draftTimer: ReturnType<typeof setTimeout> | null = null;
  #outgoing = new Outgoing(
    (event) => this.#send(event),
    (id) => this.#thread(id, { type: "pending", pending: this.#outgoing.of(id) }),
  );

  constructor(
    readonly me: Agent,
    private readonly ports: DeskPorts,
    private language: Language,
  ) {
    this.#link = new Link(ports.connect, {
      opened: () => this.#opened(),
      text: (text) => this.#receive(JSON.parse(text) as AgentServerEvent),
      lost: (code, retryInMs) => this.#lost(code, retryInMs),
    });
  }

  // --- for React's useSyncExternalStore ---
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  snapshot = (): DeskState => this.#snapshot;

  start(): void {
    this.#link.start();
  }

  stop(): void {
    this.#link.stop();
    this.#outgoing.stop();
    this.uploads.stop();
    if (this.#draftTimer !== null) clearTimeout(this.#draftTimer);
  }

  retryNow(): void {
    this.#link.retryNow();
  }

  setLanguage(language: Language): void {
    this.language = language;
  }

  // --- inbox ---
  page(view: View, page: Page, first: boolean): void {
    const { rows } = this.#state.inbox;
    const items = page.items.map((row) => (this.#isNew(row) ? row : (rows.get(row.id) ?? row)));
    this.#change({ inbox: foldPage(this.#state.inbox, view, { ...page, items }, first) });
  }

  row(row: ConversationSummary): void {
    if (this.#isNew(row)) this.#change({ inbox: foldRow(this.#state.inbox, row, this.me.id) });
  }

  /** What was asked for once is folded in once: the same answer, kept in a cache, is older by now. */
  #isNew(row: ConversationSummary): boolean {
    const isNew = !this.#folded.has(row);
    this.#folded.add(row);
    return isNew;
  }

  /** I am about to take this conversation: that I have it then is no news to me. */
  taking(conversationId: string): void {
    this.#taking = conversationId;
  }

  // --- the open conversation ---
  /** With `aroundSeq` from a little before that message on; what follows comes by the socket. */
  async open(conversationId: string, aroundSeq: number | null = null): Promise<void> {
    const open = this.#state.thread;
    const shown = open?.messages[0];
    if (open?.conversationId === conversationId && (aroundSeq === null || (shown && shown.seq <= aroundSeq))) return;
    this.close();
    this.#change({ thread: { ...emptyThread(conversationId), pending: this.#outgoing.of(conversationId) } });
    void this.#fetchNotes(conversationId);
    const range = aroundSeq === null ? {} : { beforeSeq: aroundSeq + AFTER_FOUND };
    const items = await this.ports.fetchMessages(conversationId, { ...range, limit: PAGE_SIZE });
    this.#thread(conversationId, { type: "loaded", items, reachedStart: items[0] === undefined || items[0].seq <= 1 });
    this.#watch();
    this.#hearCalls(conversationId);
  }

  /** A note that I wrote, before the socket tells it. */
  note(note: WireNote): void {
    this.#thread(note.conversation_id, { type: "note", note });
  }

  noteDeleted(conversationId: string, id: string): void {
    this.#thread(conversationId, { type: "note_deleted", id });
  }

  async #fetchNotes(conversationId: string): Promise<void> {
    try {
      this.#thread(conversationId, { type: "notes", notes: await this.ports.fetchNotes(conversationId) });
    } catch {
      // The messages' own fetch tells what is wrong; notes come with the next connection.
    }
  }

  /** Whoever opens a conversation has seen the notes that call them. */
  #hearCalls(conversationId: string): void {
    const { inbox } = this.#state;
    if (!inbox.called.has(conversationId)) return;
    const called = new Set(inbox.called);
    called.delete(conversationId);
    this.#called(called);
    this.ports.readCalls(conversationId).catch(() => undefined);
  }

  #called(called: ReadonlySet<string>): void {
    const { inbox } = this.#state;
    this.#change({ inbox: { ...inbox, called, counts: { ...inbox.counts, mentioned: called.size } } });
  }

  close(): void {
    const thread = this.#state.thread;
    if (!thread) return;
    this.#send({ type: "unwatch", conversation_id: thread.conversationId });
    this.#change({ thread: null });
  }

  async loadOlder(): Promise<void> {
    const thread = this.#state.thread;
    const first = thread?.messages[0];
    if (!thread || !first || thread.reachedStart) return;
    const items = await this.ports.fetchMessages(thread.conversationId, { beforeSeq: first.seq, limit: PAGE_SIZE });
    const reachedStart = items[0] === undefined || items[0].seq <= 1;
    this.#thread(thread.conversationId, { type: "loaded", items, reachedStart });
  }

  /** With what is quoted just now, which then is no more. */
  say(text: string, files: readonly WireFile[] = []): void {
    const thread = this.#state.thread;
    if (!thread) return;
    this.#outgoing.put(thread.conversationId, {
      clientMsgId: this.ports.newId(),
      text,
      files,
      quote: thread.quoting,
      createdAt: new Date().toISOString(),
      state: "sending",
      words: null,
    });
    this.quote(null);
  }

  quote(quote: WireQuote | null): void {
    this.#ownThread({ type: "quoting", quote });
  }

  /** Take back a message of mine; the server says so to both sides, or why it is too late. */
  recall(messageId: string): void {
    const thread = this.#state.thread;
    if (thread) this.#send({ type: "recall", conversation_id: thread.conversationId, message_id: messageId });
  }

  resend(clientMsgId: string): void {
    this.#outgoing.again(clientMsgId);
  }

  discard(clientMsgId: string): void {
    this.#outgoing.discard(clientMsgId);
  }

  typing(on: boolean): void {
    const thread = this.#state.thread;
    if (thread) this.#send({ type: "typing", conversation_id: thread.conversationId, on });
  }

  read(seq: number): void {
    const thread = this.#state.thread;
    if (thread) this.#send({ type: "read", conversation_id: thread.conversationId, seq });
  }

  // --- connection ---
  #opened(): void {
    this.#send({ type: "hello", language: this.language });
  }

  /** After `hello` was answered: hear the open conversation again, resend what was not confirmed. */
  #welcomed(): void {
    this.#link.healthy();
    this.#change({ link: { state: "open", failures: 0, retryAt: null } });
    this.#watch();
    this.#outgoing.resend();
    const thread = this.#state.thread;
    if (thread?.loaded) void this.#fetchNotes(thread.conversationId);
    this.ports.fetchCalls().then(
      (ids) => this.#called(new Set(ids)),
      () => undefined,
    );
    this.ports.onCountsStale();
  }

  #lost(code: number, retryInMs: number | null): void {
    if (REFUSED_CODES.has(code)) {
      this.#link.stop();
      this.#change({ link: { state: "refused", failures: 0, retryAt: null } });
      this.ports.onRefused();
      return;
    }
    if (retryInMs === null) return;
    const failures = this.#state.link.failures + 1;
    this.#change({ link: { state: "waiting", failures, retryAt: Date.now() + retryInMs } });
    const thread = this.#state.thread;
    if (thread) {
      this.#thread(thread.conversationId, { type: "draft", draft: null });
      this.#thread(thread.conversationId, { type: "viewing", agents: [] });
    }
  }

  #watch(): void {
    const thread = this.#state.thread;
    if (!thread?.loaded) return;
    this.#send({ type: "watch", conversation_id: thread.conversationId, last_seq: lastSeq(thread) });
  }

  #send(event: AgentClientEvent): boolean {
    return this.#link.send(JSON.stringify(event));
  }

  // --- what the server says ---
  #receive(event: AgentServerEvent): void {
    switch (event.type) {
      case "welcome":
        this.#welcomed();
        return;
      case "conversation":
        this.#rowChanged(event.conversation);
        return;
      case "message":
        if (event.message.client_msg_id) this.#outgoing.settled(event.message.client_msg_id);
        this.#thread(event.message.conversation_id, { type: "message", message: event.message });
        void this.#fillGap();
        return;
      case "ack":
        this.#outgoing.settled(event.client_msg_id);
        this.#ownThread({
          type: "ack",
          ack: event,
          me: { type: "agent", id: this.me.id, name: this.me.name },
        });
        return;
      case "nack":
        this.#outgoing.refused(event);
        return;
      case "typing":
        this.#typed(event.conversation_id, event.who, event.name, event.draft);
        return;
      case "read":
        if (event.who === "visitor") this.#thread(event.conversation_id, { type: "read", seq: event.seq });
        return;
      case "viewing":
        this.#thread(event.conversation_id, {
          type: "viewing",
          agents: event.agents.filter((name) => name !== this.me.name),
        });
        return;
      case "note":
        if (event.note) this.note(event.note);
        else if (event.deleted_id) this.noteDeleted(event.conversation_id, event.deleted_id);
        return;
      case "mentioned":
        this.#mentioned(event.note, event.visitor_name);
        return;
      case "error":
        // About the connection itself the next `lost` follows if it is fatal.
        if (event.code === "too_late") this.ports.onTold(event.words);
        return;
    }
  }

  #mentioned(note: WireNote, visitorName: string): void {
    const id = note.conversation_id;
    this.#called(new Set([...this.#state.inbox.called, id]));
    if (this.#state.thread?.conversationId === id) this.#hearCalls(id);
    else this.ports.onCountsStale();
    this.ports.onAlert({ kind: "mentioned", row: { id, visitor_name: visitorName, last_message: note.text } });
  }

  #typed(conversationId: string, who: "visitor" | "agent", name: string, draft: string | null): void {
    if (who === "agent") {
      if (name !== this.me.name) this.#thread(conversationId, { type: "agent_typing", name, on: draft !== null });
      return;
    }
    this.#thread(conversationId, { type: "draft", draft });
    if (this.#draftTimer !== null) clearTimeout(this.#draftTimer);
    this.#draftTimer = setTimeout(
      () => this.#thread(conversationId, { type: "draft", draft: null }),
      DRAFT_TIMEOUT_MS,
    );
  }

  #rowChanged(row: ConversationSummary): void {
    const before = this.#state.inbox.rows.get(row.id);
    const alert = alertFor(before, row, this.me.id);
    this.#change({ inbox: foldRow(this.#state.inbox, row, this.me.id) }, "calmly");
    if (!before) this.ports.onCountsStale();
    const known = alert?.kind === "given" && this.#taking === row.id;
    if (this.#taking === row.id && row.agent_id === this.me.id) this.#taking = null; // the next time it is news
    if (alert && !known) this.ports.onAlert(alert);
  }

  /** A message is missing inside what is shown: fetch from there. One fetch at a time. */
  async #fillGap(): Promise<void> {
    const thread = this.#state.thread;
    const afterSeq = thread ? gapAfter(thread.messages) : null;
    if (!thread || afterSeq === null || this.#fillingGap) return;
    this.#fillingGap = true;
    try {
      const items = await this.ports.fetchMessages(thread.conversationId, { afterSeq, limit: PAGE_SIZE });
      this.#thread(thread.conversationId, { type: "loaded", items, reachedStart: false });
    } finally {
      this.#fillingGap = false;
    }
  }

  #ownThread(action: ThreadAction): void {
    const thread = this.#state.thread;
    if (thread) this.#thread(thread.conversationId, action);
  }

  #thread(conversationId: string, action: ThreadAction): void {
    const thread = this.#state.thread;
    if (thread?.conversationId !== conversationId) return;
    this.#change({ thread: reduceThread(thread, action) });
  }

  #change(change: Partial<DeskState>, when: "soon" | "calmly" = "soon"): void {
    this.#state = { ...this.#state, ...change };
    if (this.#scheduled === "soon" || this.#scheduled === when) return;
    this.#scheduled = when;
    if (when === "soon") this.ports.schedule(this.#show);
    else this.ports.scheduleCalmly(this.#show);
  }

  #show = (): void => {
    if (this.#scheduled === null) return; // shown already, with something more urgent
    this.#scheduled = null;
    this.#snapshot = this.#state;
    for (const listener of this.#listeners) listener();
  };
}
