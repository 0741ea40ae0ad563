import type { Language } from "../../../../shared/events";
import { type Answer, type Content, LANGUAGES } from "../types";

export const MAX_PHRASING_CHARS = 500;
export const MAX_ANSWER_CHARS = 8_000;

/** What is edited: as the server's content, but each language has a place for phrasings and an answer. */
export interface Draft extends Omit<Content, "questions"> {
  questions: Record<Language, string[]>;
}

export const EMPTY: Content = {
  questions: {},
  answers: [],
  category: "",
  keywords: [],
  valid_from: null,
  valid_until: null,
  kind: "faq",
  source: null,
  audience: "everyone",
  attachments: [],
};

export function draftOf(content: Content): Draft {
  const general = LANGUAGES.filter((language) => !content.answers.some((one) => one.language === language && one.channel === null));
  return {
    ...content,
    questions: { zh: content.questions.zh?.length ? content.questions.zh : [""], en: content.questions.en?.length ? content.questions.en : [""] },
    answers: [...content.answers, ...general.map((language): Answer => ({ language, channel: null, text: "" }))],
  };
}

const oneLine = (text: string) => text.split(/\s+/).filter(Boolean).join(" ");

/** What is sent: without the empty places. */
export function contentOf(draft: Draft): Content {
  const questions: Content["questions"] = {};
  for (const language of LANGUAGES) {
    const said = [...new Set(draft.questions[language].map(oneLine).filter(Boolean))];
    if (said.length > 0) questions[language] = said;
  }
  return {
    ...draft,
    questions,
    answers: draft.answers.map((answer) => ({ ...answer, text: answer.text.trim() })).filter(({ text }) => text !== ""),
    category: draft.category.trim(),
    keywords: draft.keywords.map(oneLine).filter(Boolean),
  };
}

/** The same to customers and owners, whatever order its parts are in. */
export function isSame(one: Content, other: Content): boolean {
  return fingerprint(one) === fingerprint(other);
}

function fingerprint(content: Content): string {
  const answers = [...content.answers].map(({ language, channel, text }) => [language, channel ?? "", text]).sort();
  const instant = (iso: string | null) => (iso === null ? null : Date.parse(iso));
  return JSON.stringify([
    LANGUAGES.map((language) => content.questions[language] ?? []),
    answers,
    content.category,
    content.keywords,
    instant(content.valid_from),
    instant(content.valid_until),
    content.audience,
    content.attachments.map(({ url }) => url),
  ]);
}

export type Problem = "question_missing" | "answer_missing" | "answer_too_long" | "phrasing_too_long" | "validity_order" | "channel_missing" | "channel_twice";

/** What keeps a draft from being saved, as a person would be told; the server has the last word. */
export function problemsOf(draft: Draft): Problem[] {
  const content = contentOf(draft);
  const found: Problem[] = [];
  const questions = LANGUAGES.flatMap((language) => content.questions[language] ?? []);
  if (questions.length === 0) found.push("question_missing");
  if (questions.some((text) => [...text].length > MAX_PHRASING_CHARS)) found.push("phrasing_too_long");
  if (!content.answers.some(({ channel }) => channel === null)) found.push("answer_missing");
  if (content.answers.some(({ text }) => [...text].length > MAX_ANSWER_CHARS)) found.push("answer_too_long");
  if (content.answers.some(({ channel }) => channel !== null && channel.trim() === "")) found.push("channel_missing");
  const places = content.answers.map(({ language, channel }) => `${language} ${channel ?? ""}`);
  if (new Set(places).size < places.length) found.push("channel_twice");
  const { valid_from, valid_until } = content;
  if (valid_from && valid_until && Date.parse(valid_from) >= Date.parse(valid_until)) found.push("validity_order");
  return found;
}

/** Phrasings with `added` behind them, each once, blanks gone. */
export function withPhrasings(questions: readonly string[], added: readonly string[]): string[] {
  return [...new Set([...questions, ...added].map(oneLine).filter(Boolean))];
}

export function languageOf(text: string): Language {
  return /\p{Script=Han}/u.test(text) ? "zh" : "en";
}
