import { plainContent } from "../../../shared/content";
import type { Ack, Author, Message, WireFile, WireNote, WireQuote } from "../../../shared/events";

/** A message of ours that the server has not yet confirmed. */
export interface Pending {
  clientMsgId: string;
  text: string;
  files: readonly WireFile[];
  quote: WireQuote | null;
  createdAt: string;
  /** `sending` while an ack may still come; `failed` once refused, with the server's words. */
  state: "sending" | "failed";
  words: string | null;
}

export interface ThreadState {
  conversationId: string;
  /** Ascending by `seq`, each `seq` once. */
  messages: readonly Message[];
  pending: readonly Pending[];
  /** What agents told each other, oldest first; beside the messages, without a `seq`. */
  notes: readonly WireNote[];
  /** The first page has been loaded. */
  loaded: boolean;
  /** There is nothing older on the server. */
  reachedStart: boolean;
  visitorReadSeq: number;
  /** What the customer is typing and has not sent; null when not typing. */
  draft: string | null;
  /** Names of other agents who are typing. */
  typingAgents: readonly string[];
  viewing: readonly string[];
  /** What my next message answers. */
  quoting: WireQuote | null;
}

export type ThreadAction =
  | { type: "loaded"; items: readonly Message[]; reachedStart: boolean }
  | { type: "message"; message: Message }
  | { type: "pending"; pending: readonly Pending[] }
  | { type: "ack"; ack: Ack; me: Author }
  | { type: "read"; seq: number }
  | { type: "draft"; draft: string | null }
  | { type: "agent_typing"; name: string; on: boolean }
  | { type: "viewing"; agents: readonly string[] }
  | { type: "notes"; notes: readonly WireNote[] }
  | { type: "note"; note: WireNote }
  | { type: "note_deleted"; id: string }
  | { type: "quoting"; quote: WireQuote | null };

export function emptyThread(conversationId: string): ThreadState {
  return {
    conversationId,
    messages: [],
    pending: [],
    notes: [],
    loaded: false,
    reachedStart: false,
    visitorReadSeq: 0,
    draft: null,
    typingAgents: [],
    viewing: [],
    quoting: null,
  };
}

/** Merge by `seq`: what is new replaces what was there, the order is the server's. */
export function mergeMessages(
  known: readonly Message[],
  incoming: readonly Message[],
): readonly Message[] {
  if (incoming.length === 0) return known;
  const last = known.at(-1);
  const first = incoming[0];
  if (incoming.length === 1 && first && (!last || first.seq > last.seq)) return [...known, first];
  const bySeq = new Map(known.map((message) => [message.seq, message]));
  for (const message of incoming) bySeq.set(message.seq, message);
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** The `seq` after which messages are missing inside what is shown, or null. `seq` has no gaps. */
export function gapAfter(messages: readonly Message[]): number | null {
  for (let index = 1; index < messages.length; index += 1) {
    const before = messages[index - 1];
    const here = messages[index];
    if (before && here && here.seq !== before.seq + 1) return before.seq;
  }
  return null;
}

export function lastSeq(state: ThreadState): number {
  return state.messages.at(-1)?.seq ?? 0;
}

function without(pending: readonly Pending[], clientMsgId: string | null | undefined) {
  return clientMsgId ? pending.filter((one) => one.clientMsgId !== clientMsgId) : pending;
}

function acknowledged(state: ThreadState, ack: Ack, me: Author): ThreadState {
  const own = state.pending.find((one) => one.clientMsgId === ack.client_msg_id);
  if (!own) return state;
  const message: Message = {
    id: ack.message_id,
    conversation_id: state.conversationId,
    seq: ack.seq,
    author: me,
    content: plainContent(own.text, { files: [...own.files], quote: own.quote }),
    created_at: ack.created_at,
    client_msg_id: ack.client_msg_id,
    voice_url: null,
    feedback: null,
  };
  // The message itself may have come before its ack: then it stays as the server tells it.
  const known = state.messages.some((one) => one.seq === ack.seq);
  return {
    ...state,
    pending: without(state.pending, ack.client_msg_id),
    messages: known ? state.messages : mergeMessages(state.messages, [message]),
  };
}

function received(state: ThreadState, message: Message): ThreadState {
  const fromVisitor = message.author.type === "visitor";
  return {
    ...state,
    messages: mergeMessages(state.messages, [message]),
    pending: without(state.pending, message.client_msg_id),
    draft: fromVisitor ? null : state.draft,
    // Whoever writes has seen what was there before.
    visitorReadSeq: fromVisitor ? Math.max(state.visitorReadSeq, message.seq) : state.visitorReadSeq,
    typingAgents:
      message.author.type === "agent"
        ? state.typingAgents.filter((name) => name !== message.author.name)
        : state.typingAgents,
  };
}

export function reduceThread(state: ThreadState, action: ThreadAction): ThreadState {
  switch (action.type) {
    case "loaded":
      return {
        ...state,
        messages: mergeMessages(state.messages, action.items),
        loaded: true,
        reachedStart: state.reachedStart || action.reachedStart,
      };
    case "message":
      return received(state, action.message);
    case "pending":
      return { ...state, pending: action.pending };
    case "ack":
      return acknowledged(state, action.ack, action.me);
    case "read":
      return { ...state, visitorReadSeq: Math.max(state.visitorReadSeq, action.seq) };
    case "draft":
      return { ...state, draft: action.draft };
    case "agent_typing": {
      const others = state.typingAgents.filter((name) => name !== action.name);
      return { ...state, typingAgents: action.on ? [...others, action.name] : others };
    }
    case "viewing":
      return { ...state, viewing: action.agents };
    case "notes":
      return { ...state, notes: action.notes };
    case "note": {
      const known = state.notes.some((note) => note.id === action.note.id);
      const notes = known
        ? state.notes.map((note) => (note.id === action.note.id ? action.note : note))
        : [...state.notes, action.note];
      return { ...state, notes };
    }
    case "quoting":
      return { ...state, quoting: action.quote };
    case "note_deleted":
      return { ...state, notes: state.notes.filter((note) => note.id !== action.id) };
  }
}
