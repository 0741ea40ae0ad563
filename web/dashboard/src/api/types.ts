import type { ConversationSummary, Language } from "../../../shared/events";
import type { Counts } from "../live/inbox";

export interface Agent {
  id: string;
  name: string;
  email: string;
  role: "agent" | "supervisor" | "admin";
  available: boolean;
}

export interface InboxPage {
  items: ConversationSummary[];
  counts: Counts;
  next: string | null;
}

export interface Visitor {
  id: string;
  name: string;
  email: string | null;
  /** The customer's id at the host site, which vouches for them. */
  verified_id: string | null;
  /** What they told before the chat. */
  details: { key: string; label: Record<Language, string>; value: string }[];
  language?: Language | null;
  created_at?: string | null;
  page_url?: string | null;
}

export interface HandoffCardData {
  reason: string | null;
  summary: string;
  slots: Record<string, unknown>;
  sentiment_trend: readonly (string | number)[];
  tried: readonly (string | Record<string, unknown>)[];
}

export interface ConversationDetail {
  conversation: ConversationSummary;
  visitor: Visitor;
  handoff: HandoffCardData | null;
}

export interface IntentScore {
  name: string;
  confidence: number;
}

/** Offsets count Unicode code points, not UTF-16 units. */
export interface EntitySpan {
  entity: string;
  start: number;
  end: number;
  text: string;
  value: unknown;
  confidence: number;
  extractor: string;
}

export interface Candidate {
  entry_id: string;
  question: string;
  score: number;
  lexical: number;
  semantic: number;
}

export interface Why {
  understanding: {
    text: string;
    language: Language;
    intent: IntentScore;
    intent_ranking: IntentScore[];
    entities: EntitySpan[];
    sentiment: { label: "negative" | "neutral" | "positive"; strength: number };
    keywords?: string[];
    timings_ms?: Record<string, number>;
    model_id?: string;
    read_as?: string | null;
  } | null;
  trace: {
    route: string;
    decisions: { action?: string; policy?: string; confidence?: number }[];
    candidates: Candidate[];
    thresholds: Record<string, number>;
    slots: Record<string, unknown>;
    timings_ms: Record<string, number>;
    notes: string[];
  } | null;
  explanation?: Explanation | null;
}

/** How a message came to its intent: what each word adds to it and to the runner-up. */
export interface Explanation {
  intents: string[];
  without_words: Record<string, number>;
  words: { text: string; start: number; end: number; shares: Record<string, number> }[];
  nearest: { text: string; intent: string; similarity: number }[];
  in_scope: number;
  scope_threshold: number | null;
  explain_ms: number;
  runtime: string;
  model_id: string;
}

export interface Canned {
  id: string;
  shortcut: string;
  title: string;
  text: string;
}
