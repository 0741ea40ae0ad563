import type { Language } from "../../../../shared/events";
import type { FaqCandidate } from "../test/types";

export interface UnansweredQuestion {
  message_id: string;
  conversation_id: string;
  text: string;
  at: string;
  reason: "unanswered" | "bad_rating" | "handoff";
}

export interface Cluster {
  title: string;
  language: Language;
  size: number;
  last_at: string;
  questions: UnansweredQuestion[];
  /** What most of them were taken for, or nearly. */
  intent: string | null;
  nearest: FaqCandidate | null;
}

export interface UnansweredAnswer {
  items: Cluster[];
  questions: number;
}
