import type { Content, Message, Owner, ServerEvent } from "./events";

/** Everything a visitor's screen shows that came from the server. Never changed in place. */
export interface Conversation {
  conversationId: string | null;
  epoch: string | null;
  owner: Owner;
  agentName: string | null;
  queuePosition: number | null;
  expectedWaitS: number | null;
  /** In order of `seq`, one for each. */
  messages: readonly Message[];
  partial: { turnId: string; text: string } | null;
  peerTyping: "bot" | "agent" | null;
  /** Up to where the other side has read. */
  peerReadSeq: number;
  /** Up to where there is no gap: what a resume asks to continue from. */
  lastSeq: number;
  error: { code: string; words: string } | null;
}

export const EMPTY: Conversation = {
  conversationId: null,
  epoch: null,
  owner: "bot",
  agentName: null,
  queuePosition: null,
  expectedWaitS: null,
  messages: [],
  partial: null,
  peerTyping: null,
  peerReadSeq: 0,
  lastSeq: 0,
  error: null,
};

/** The highest `seq` such that everything from `from` up to it is there. */
function contiguous(messages: readonly Message[], from: number): number {
  let last = from;
  for (const { seq } of messages) {
    if (seq === last + 1) last = seq;
    else if (seq > last + 1) break;
  }
  return last;
}

/** Put `message` in its place by `seq`; one that is there already is replaced, not doubled. */
export function place(messages: readonly Message[], message: Message): readonly Message[] {
  let index = messages.length;
  while (index > 0 && (messages[index - 1] as Message).seq >= message.seq) index--;
  const before = messages.slice(0, index);
  const known = messages[index];
  if (known?.seq !== message.seq) return [...before, message, ...messages.slice(index)];
  const merged = { ...message, voice_url: message.voice_url ?? known.voice_url };
  return [...before, merged, ...messages.slice(index + 1)];
}

function withMessage(state: Conversation, message: Message): Conversation {
  const messages = place(state.messages, message);
  // One that was told before has only changed, as by a thumb: whoever is writing goes on.
  const known = state.messages.some(({ seq }) => seq === message.seq);
  const fromPeer = !known && (message.author.type === "bot" || message.author.type === "agent");
  return {
    ...state,
    messages,
    lastSeq: contiguous(messages, state.lastSeq),
    partial: fromPeer ? null : state.partial,
    peerTyping: fromPeer ? null : state.peerTyping,
  };
}

/** Accept that what lies before the first message after a gap will not come. */
export function skipGap(state: Conversation): Conversation {
  const next = state.messages.find(({ seq }) => seq > state.lastSeq);
  return next ? { ...state, lastSeq: contiguous(state.messages, next.seq) } : state;
}

export function hasGap(state: Conversation): boolean {
  const last = state.messages.at(-1);
  return last !== undefined && last.seq > state.lastSeq;
}

/** What the screen shows after `event`. Acks need the text we sent, so the client folds those. */
export function fold(state: Conversation, event: ServerEvent): Conversation {
  switch (event.type) {
    case "welcome": {
      const same =
        state.conversationId === null || state.conversationId === event.conversation_id;
      return {
        ...(same ? state : EMPTY),
        conversationId: event.conversation_id,
        epoch: event.epoch,
        owner: event.owner,
        agentName: event.agent_name,
        queuePosition: event.queue_position,
        expectedWaitS: event.expected_wait_s,
        peerReadSeq: event.peer_read_seq,
        partial: null,
        peerTyping: null,
        error: null,
      };
    }
    case "message":
      return withMessage(state, event.message);
    case "partial":
      return { ...state, partial: { turnId: event.turn_id, text: event.text }, peerTyping: null };
    case "typing":
      return { ...state, peerTyping: event.on ? event.who : null };
    case "read":
      return { ...state, peerReadSeq: Math.max(state.peerReadSeq, event.seq) };
    case "owner_changed":
      return {
        ...state,
        owner: event.owner,
        agentName: event.agent_name,
        queuePosition: event.queue_position,
        expectedWaitS: event.expected_wait_s,
        // Whoever was writing no longer may: a half-said reply of the bot would stay for ever.
        partial: event.owner === "bot" ? state.partial : null,
        peerTyping: event.owner === state.owner ? state.peerTyping : null,
      };
    case "voice_ready":
      return {
        ...state,
        messages: state.messages.map((message) =>
          message.id === event.message_id ? { ...message, voice_url: event.url } : message,
        ),
      };
    case "reset":
      return {
        ...state,
        epoch: event.epoch,
        messages: [],
        lastSeq: 0,
        partial: null,
        peerTyping: null,
      };
    case "error":
      return { ...state, error: { code: event.code, words: event.words } };
    case "ack":
    case "nack":
      return state;
  }
}

/** The acknowledged message as it will come back from the server, at its place. */
export function foldAck(
  state: Conversation,
  ack: { seq: number; message_id: string; created_at: string; client_msg_id: string },
  content: Content,
): Conversation {
  if (state.messages.some(({ id }) => id === ack.message_id)) return state;
  return withMessage(state, {
    id: ack.message_id,
    conversation_id: state.conversationId ?? "",
    seq: ack.seq,
    author: { type: "visitor", id: "", name: "" },
    content,
    created_at: ack.created_at,
    client_msg_id: ack.client_msg_id,
    voice_url: null,
    feedback: null,
  });
}
