import type { Language } from "../../../../shared/events";
import type { Audience } from "../types";

export interface FaqCandidate {
  entry_id: string;
  title: string;
  /** The phrasing that matched best. */
  question: string;
  answer: string;
  category: string;
  kind: "faq" | "passage";
  audience: Audience;
  /** Probability in [0, 1] that it answers. */
  score: number;
  lexical: number;
  semantic: number;
  features: Record<string, number>;
}

export interface SearchAnswer {
  query: string;
  searched: string;
  rewritten: boolean;
  language: Language;
  verdict: "answer" | "did_you_mean" | "nothing";
  why: string;
  thresholds: { answer: number; suggest: number };
  candidates: FaqCandidate[];
  timings_ms: Record<string, number>;
  entries: number;
}
