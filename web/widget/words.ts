import type { Language } from "../shared/events";
import type en from "./words/en.json";

export type Words = typeof en;
/** The keys whose value is one sentence. */
export type Word = { [K in keyof Words]: Words[K] extends string ? K : never }[keyof Words];

/** One language's words; the other's stay on the server until they are asked for. */
export async function loadWords(language: Language): Promise<Words> {
  const module = language === "zh" ? import("./words/zh.json") : import("./words/en.json");
  return (await module).default;
}

export interface Speech {
  language: Language;
  /** The sentence for `key`, with `{name}` replaced by `values.name`. */
  t: (key: Word, values?: Record<string, string | number>) => string;
  /** The words of a system notice; null for one that this version does not know. */
  notice: (key: string, values: Record<string, string>) => string | null;
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}

export function speech(language: Language, words: Words): Speech {
  const notices: Record<string, string> = words.notice;
  return {
    language,
    t: (key, values = {}) => fill(words[key], values),
    notice: (key, values) => {
      const text = Object.hasOwn(notices, key) ? notices[key] : undefined;
      return text === undefined ? null : fill(text, values);
    },
  };
}

/** The owner's choice, else the customer's earlier one, else what the browser asks for. */
export function chooseLanguage(...wishes: (string | null | undefined)[]): Language {
  for (const wish of wishes) {
    if (wish && /^zh\b/i.test(wish)) return "zh";
    if (wish && /^en\b/i.test(wish)) return "en";
  }
  return "en";
}
