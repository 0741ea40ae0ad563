// Generated from app/chat/events.py by `npm run types`. Do not edit.
export const MAX_TEXT_CHARS = 4000;

export type Owner = "bot" | "queued" | "agent" | "closed";
export type AuthorType = "visitor" | "bot" | "agent" | "system";
export type Language = "zh" | "en";

/** Stop a reply being generated; or, while queued, go back to the bot. */
export interface Cancel {
  type: "cancel";
}

export interface Feedback {
  type: "feedback";
  message_id: string;
  value: "up" | "down";
}

export interface Hello {
  type: "hello";
  token: string;
  last_seq?: number;
  epoch?: string | null;
  language?: "zh" | "en" | null;
  voice?: boolean;
  page_url?: string | null;
}

export interface Rate {
  type: "rate";
  stars: number;
  comment?: string;
}

export interface Read {
  type: "read";
  seq: number;
}

/** Take back one's own message; possible for `RECALL_WITHIN_S` seconds. */
export interface Recall {
  type: "recall";
  message_id: string;
}

export interface RequestHuman {
  type: "request_human";
}

export interface Send {
  type: "send";
  client_msg_id: string;
  content: SendContent;
}

/** What a person sends: text, and for a tapped button the payload behind its title. */
export interface SendContent {
  text: string;
  payload?: string | null;
  files?: string[] | null;
  reply_to?: string | null;
}

export interface SetVoice {
  type: "set_voice";
  on: boolean;
}

export interface Typing {
  type: "typing";
  text?: string | null;
}

/** The message is committed: it will never be lost and never be shown twice. */
export interface Ack {
  type: "ack";
  client_msg_id: string;
  seq: number;
  message_id: string;
  created_at: string;
}

export interface Author {
  type: "visitor" | "bot" | "agent" | "system";
  id: string;
  name: string;
}

/** What a message shows. */
export interface Content {
  text: string;
  buttons: WireButton[];
  cards: WireCard[];
  image_url: string | null;
  attachment_url: string | null;
  custom: Record<string, unknown> | null;
  citations: WireCitation[];
  source: "response" | "action" | "faq" | "generated" | "system" | null;
  language: "zh" | "en" | null;
  notice: string | null;
  files: WireFile[];
  quote: WireQuote | null;
  recalled: boolean;
}

export interface Error {
  type: "error";
  code: string;
  words: string;
  retry_after_s: number | null;
}

export interface Message {
  id: string;
  conversation_id: string;
  seq: number;
  author: Author;
  content: Content;
  created_at: string;
  client_msg_id: string | null;
  voice_url: string | null;
  feedback: "up" | "down" | null;
}

export interface MessageEvent {
  type: "message";
  message: Message;
}

export interface Nack {
  type: "nack";
  client_msg_id: string | null;
  code: string;
  words: string;
  retry_after_s: number | null;
}

export interface OwnerChanged {
  type: "owner_changed";
  owner: "bot" | "queued" | "agent" | "closed";
  agent_name: string | null;
  queue_position: number | null;
  expected_wait_s: number | null;
}

/** Text so far of a reply that is still being generated; replaced by its `message`. */
export interface Partial {
  type: "partial";
  turn_id: string;
  text: string;
}

export interface PeerRead {
  type: "read";
  seq: number;
}

export interface PeerTyping {
  type: "typing";
  who: "bot" | "agent";
  on: boolean;
}

/** Forget everything shown: the whole conversation follows as `message` events. */
export interface Reset {
  type: "reset";
  epoch: string;
}

export interface VoiceReady {
  type: "voice_ready";
  message_id: string;
  url: string;
}

export interface Welcome {
  type: "welcome";
  conversation_id: string;
  epoch: string;
  owner: "bot" | "queued" | "agent" | "closed";
  agent_name: string | null;
  queue_position: number | null;
  expected_wait_s: number | null;
  last_seq: number;
  peer_read_seq: number;
}

export interface WireButton {
  title: string;
  payload: string;
}

export interface WireCard {
  title: string;
  subtitle: string;
  image_url: string | null;
  buttons: WireButton[];
}

export interface WireCitation {
  entry_id: string;
  title: string;
  url: string | null;
}

export interface WireFile {
  url: string;
  name: string;
  media_type: string;
  size: number;
  width: number | null;
  height: number | null;
  text: string;
}

/** The message that this one answers, as it was then. */
export interface WireQuote {
  message_id: string;
  author: "visitor" | "bot" | "agent" | "system";
  name: string;
  text: string;
}

/** Sent first. The socket is authenticated by the login cookie and its Origin. */
export interface AgentHello {
  type: "hello";
  language?: "zh" | "en";
}

export interface AgentRead {
  type: "read";
  conversation_id: string;
  seq: number;
}

export interface AgentRecall {
  type: "recall";
  conversation_id: string;
  message_id: string;
}

export interface AgentSend {
  type: "send";
  conversation_id: string;
  client_msg_id: string;
  content: SendContent;
}

export interface AgentTyping {
  type: "typing";
  conversation_id: string;
  on: boolean;
}

export interface Unwatch {
  type: "unwatch";
  conversation_id: string;
}

/** Hear everything of one conversation, from after `last_seq` on. */
export interface Watch {
  type: "watch";
  conversation_id: string;
  last_seq?: number;
}

export interface AgentMessageEvent {
  type: "message";
  message: Message;
}

export interface AgentPeerRead {
  type: "read";
  conversation_id: string;
  who: "visitor" | "agent";
  seq: number;
}

export interface AgentWelcome {
  type: "welcome";
  agent_id: string;
  name: string;
  role: "agent" | "supervisor" | "admin";
}

/** A row appeared or changed; the inbox folds it in by id. */
export interface ConversationChanged {
  type: "conversation";
  conversation: ConversationSummary;
}

/** One row of the inbox. */
export interface ConversationSummary {
  id: string;
  owner: "bot" | "queued" | "agent" | "closed";
  agent_id: string | null;
  agent_name: string | null;
  visitor_id: string;
  visitor_name: string;
  language: "zh" | "en";
  last_message: string;
  last_author: "visitor" | "bot" | "agent" | "system" | null;
  last_at: string;
  last_seq: number;
  unread: number;
  waiting_since: string | null;
  handoff_reason: string | null;
  sentiment: "negative" | "neutral" | "positive";
  rating: number | null;
  page_url: string | null;
  channel: string;
  priority: "low" | "normal" | "high" | "urgent";
  tags: string[];
  team_id: string | null;
  snoozed_until: string | null;
  held_at: string | null;
  held_s: number;
  human_since: string | null;
  awaiting_since: string | null;
  responded: boolean;
}

/** A note calls this agent. */
export interface Mentioned {
  type: "mentioned";
  note: WireNote;
  visitor_name: string;
}

/** A note was written, changed or taken away; told to whoever watches the conversation. */
export interface NoteChanged {
  type: "note";
  conversation_id: string;
  note: WireNote | null;
  deleted_id: string | null;
}

/** Who else has this conversation open. */
export interface Viewing {
  type: "viewing";
  conversation_id: string;
  agents: string[];
}

export interface VisitorTyping {
  type: "typing";
  conversation_id: string;
  who: "visitor" | "agent";
  name: string;
  draft: string | null;
}

/** What agents tell each other. It has no `seq`, and customers never hear of it. */
export interface WireNote {
  id: string;
  conversation_id: string;
  kind: "note" | "whisper";
  author_id: string;
  author_name: string;
  text: string;
  mentions: string[];
  after_seq: number;
  created_at: string;
  edited_at: string | null;
}

export type ClientEvent =
  | Hello
  | Send
  | Typing
  | Read
  | Feedback
  | Recall
  | Rate
  | RequestHuman
  | Cancel
  | SetVoice;

export type ServerEvent =
  | Welcome
  | Ack
  | Nack
  | MessageEvent
  | Partial
  | PeerTyping
  | PeerRead
  | OwnerChanged
  | VoiceReady
  | Reset
  | Error;

export type AgentClientEvent =
  | AgentHello
  | Watch
  | Unwatch
  | AgentSend
  | AgentTyping
  | AgentRead
  | AgentRecall;

export type AgentServerEvent =
  | AgentWelcome
  | Ack
  | Nack
  | ConversationChanged
  | AgentMessageEvent
  | VisitorTyping
  | AgentPeerRead
  | Viewing
  | NoteChanged
  | Mentioned
  | Error;
