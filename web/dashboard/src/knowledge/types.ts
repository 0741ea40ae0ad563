import type { Language, WireFile } from "../../../shared/events";

export type Status = "draft" | "published" | "changed" | "archived";
/** What a list may be cut down to; `expired` is no status of its own: it was published once. */
export type Shown = Status | "expired";
export const SHOWN: readonly Shown[] = ["published", "changed", "draft", "expired", "archived"];
export const LANGUAGES: readonly Language[] = ["zh", "en"];

/** Who may be told of an entry; each sees what those before it see. */
export type Audience = "everyone" | "verified" | "staff";
export const AUDIENCES: readonly Audience[] = ["everyone", "verified", "staff"];

export interface Answer {
  language: Language;
  channel: string | null;
  text: string;
}

/** A file that customers get with the answer. */
export type EntryFile = Omit<WireFile, "text">;

export interface Content {
  questions: Partial<Record<Language, string[]>>;
  answers: Answer[];
  category: string;
  keywords: string[];
  valid_from: string | null;
  valid_until: string | null;
  kind: "faq" | "passage";
  source: string | null;
  audience: Audience;
  attachments: EntryFile[];
}

export interface EntrySummary {
  id: string;
  title: string;
  titles: Partial<Record<Language, string>>;
  category: string;
  kind: Content["kind"];
  status: Status;
  /** Customers get it now. */
  live: boolean;
  version: number;
  published_version: number | null;
  valid_from: string | null;
  valid_until: string | null;
  source: string | null;
  updated_at: string;
  updated_by: string;
}

export interface EntryOut extends EntrySummary {
  content: Content;
}

export interface Version {
  number: number;
  action: "created" | "edited" | "imported" | "seeded" | "reverted" | "archived";
  author: string;
  at: string;
  live: boolean;
  published_at: string | null;
  published_by: string | null;
  content: Content;
}

export interface EntryDetail extends EntryOut {
  history: Version[];
}

export interface ListAnswer {
  items: EntrySummary[];
  total: number;
  counts: Record<Shown, number>;
  categories: { name: string; entries: number }[];
}
