import type { Language } from "../shared/events";
import type en from "./words/en.json";
import type more from "./words/more-en.json";

export type Words = typeof en;
/** The words of what is fetched on demand. */
export type MoreWords = typeof more;
export type Word = keyof Words | keyof MoreWords;

const WORDS = { zh: () => import("./words/zh.json"), en: () => import("./words/en.json") };
const MORE = { zh: () => import("./words/more-zh.json"), en: () => import("./words/more-en.json") };
let wantsMore = false;

/** One language's words; the other's stay on the server until they are asked for. */
export async function loadWords(language: Language): Promise<Partial<MoreWords> & Words> {
  const [first, rest] = await Promise.all([WORDS[language](), wantsMore ? MORE[language]() : null]);
  return { ...first.default, ...rest?.default };
}

export interface Speech {
  language: Language;
  /** The sentence for `key`, with `{name}` replaced by `values.name`. */
  t: (key: Word, values?: Record<string, string | number>) => string;
  /** Fetch the words of what is fetched on demand; from then on of every language. */
  more: () => Promise<void>;
}

function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (hole, name: string) => String(values[name] ?? hole));
}

export function speech(language: Language, words: Partial<MoreWords> & Words): Speech {
  let all = words;
  return {
    language,
    t: (key, values = {}) => fill(all[key] ?? "", values),
    more: async () => {
      wantsMore = true;
      all = { ...all, ...(await MORE[language]()).default };
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
