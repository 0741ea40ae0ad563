import type { Message, WireNote } from "../../../shared/events";
import type { SocketLike } from "../../../shared/link";
import type { Alert, InboxState } from "./inbox";
import type { ThreadState } from "./thread";

export interface LinkState {
  state: "connecting" | "open" | "waiting" | "refused";
  failures: number;
  /** Unix ms of the next attempt while waiting. */
  retryAt: number | null;
}

export interface DeskState {
  link: LinkState;
  inbox: InboxState;
  /** The open conversation. */
  thread: ThreadState | null;
}

export interface DeskPorts {
  connect: () => SocketLike;
  /** Messages of a conversation, ascending. */
  fetchMessages: (
    conversationId: string,
    range: { afterSeq?: number; beforeSeq?: number; limit: number },
  ) => Promise<Message[]>;
  fetchNotes: (conversationId: string) => Promise<WireNote[]>;
  /** Conversations whose notes call me, unread. */
  fetchCalls: () => Promise<string[]>;
  readCalls: (conversationId: string) => Promise<void>;
  onAlert: (alert: Alert) => void;
  /** Counts may be wrong now: a conversation appeared that we had never seen. */
  onCountsStale: () => void;
  onRefused: () => void;
  /** What the server refused outside of any message, in its words. */
  onTold: (words: string) => void;
  newId: () => string;
  /** Runs the callback once, soon: changes between two frames reach the screen together. */
  schedule: (callback: () => void) => void;
  /** The same for what nobody waits for to the frame, as the inbox's rows in a busy hour. */
  scheduleCalmly: (callback: () => void) => void;
}
