export type Figures = Record<string, number | null>;

export interface Model {
  id: string;
  model_id: string;
  about: { made_by: string; made_at: string; profile: "fast" | "best"; corrections: boolean };
  intents: number;
  entities: number;
  live: boolean;
  /** On the held-out examples; null until it is judged. */
  figures: Figures | null;
}

export interface Run {
  kind: "train" | "judge";
  model: string;
  by: string;
  began_at: string;
  state: "running" | "done" | "failed" | "stopped";
  stage: string;
  done: number;
  total: number;
  figures: Record<string, number>;
  words: string;
}

export interface Label {
  name: string;
  examples: number;
}

export interface BotData {
  name: string;
  intents: Label[];
  entities: Label[];
  examples: number;
  models: Model[];
  run: Run | null;
}

export interface ChangedAnswer {
  text: string;
  expected: string | null;
  left: string;
  right: string;
  left_confidence: number;
  right_confidence: number;
}

export interface Comparison {
  left: Figures;
  right: Figures;
  better: ChangedAnswer[];
  worse: ChangedAnswer[];
  changed: ChangedAnswer[];
}

/** Those that people compare by, in order. */
export const SHOWN_FIGURES = ["accuracy", "macro_f1", "entity_f1", "joint_accuracy", "coverage"] as const;

/** In the order in which a run goes through them; `tune` only where the encoder is tuned. */
const STAGES = ["starting", "encode", "tune", "intents", "sentiment", "entities", "judge"];

/** How much of the whole run is done, 0 to 1: each stage has the same share. */
export function shareOf({ stage, done, total }: Pick<Run, "stage" | "done" | "total">): number {
  const at = STAGES.indexOf(stage.split(",")[0] ?? "");
  const inside = total > 0 ? Math.min(1, done / total) : 0;
  return (Math.max(0, at) + inside) / STAGES.length;
}

/** What an agent said that a customer meant: an example for the next training. */
export interface Correction {
  id: string;
  conversation_id: string;
  text: string;
  was_intent: string | null;
  intent: string;
  entities: { start: number; end: number; entity: string }[];
  entry_id: string | null;
  author_name: string;
  at: string;
}
