import type { CheckAnswer } from "../regression/types";

export interface Problem {
  file: string;
  /** As the spreadsheet numbers it; for YAML and JSON the entry's number. */
  row: number | null;
  column: string | null;
  code: string;
  expected: string;
  got: string;
  words: string;
}

export interface RowPlan {
  file: string;
  row: number | null;
  entry_id: string;
  title: string;
  action: "create" | "update" | "unchanged";
  changes: { field: string; before: string; after: string }[];
}

export interface ImportStatus {
  id: string | null;
  file: string;
  state: "planned" | "running" | "done" | "refused" | "failed";
  phase: "reading" | "checking" | "writing" | "indexing" | "done";
  done: number;
  total: number;
  create: number;
  update: number;
  unchanged: number;
  /** Words that mean the same, as they were not known before. */
  synonyms: string[][];
  problem_count: number;
  problems: Problem[];
  plan: RowPlan[];
  /** Why it is refused, where test questions would not be answered right any more. */
  check?: CheckAnswer | null;
  by: string;
  at: string;
}

export const TEMPLATE_FORMATS = ["xlsx", "csv", "yaml", "json"] as const;
export const EXPORT_FORMATS = ["xlsx", "csv", "yaml", "json", "zip"] as const;
/** What the server reads, by the end of the name. */
export const READ = ".csv,.tsv,.xlsx,.yml,.yaml,.json,.jsonl,.md,.html,.htm,.docx,.pdf,.txt,.zip";
