import { expect, test } from "vitest";
import type { Content } from "../types";
import { contentOf, draftOf, EMPTY, isSame, languageOf, problemsOf, withPhrasings } from "./draft";
import { differences } from "./differences";

const content: Content = {
  ...EMPTY,
  questions: { zh: ["运费多少", "邮费多少"] },
  answers: [{ language: "zh", channel: null, text: "满 99 元包邮。" }],
  category: "shipping",
};

test("what is opened and not touched is unchanged, whatever empty places the form adds", () => {
  expect(isSame(contentOf(draftOf(content)), content)).toBe(true);
  expect(contentOf(draftOf(content)).questions).toEqual({ zh: ["运费多少", "邮费多少"] });
});

test("blank phrasings go, doubled ones are kept once, spaces are one", () => {
  const draft = draftOf(content);
  draft.questions.zh = ["运费多少", "  ", "运费  多少\n", "运费多少"];
  expect(contentOf(draft).questions.zh).toEqual(["运费多少", "运费 多少"]);
  expect(withPhrasings(["a", ""], ["b", "a"])).toEqual(["a", "b"]);
});

test("every reason that keeps an entry from being saved is told", () => {
  expect(problemsOf(draftOf(EMPTY))).toEqual(["question_missing", "answer_missing"]);
  const onlyRest = draftOf({ ...content, answers: [{ language: "zh", channel: "rest", text: "有" }] });
  expect(problemsOf(onlyRest)).toEqual(["answer_missing"]);
  const twice = draftOf({ ...content, answers: [...content.answers, { language: "zh", channel: "rest", text: "a" }, { language: "zh", channel: "rest", text: "b" }] });
  expect(problemsOf(twice)).toEqual(["channel_twice"]);
  expect(problemsOf(draftOf({ ...content, valid_from: "2026-02-01T00:00:00Z", valid_until: "2026-01-01T00:00:00Z" }))).toEqual(["validity_order"]);
  expect(problemsOf(draftOf({ ...content, questions: { en: ["😀".repeat(500)] } }))).toEqual([]);
});

test("differences name the fields, and lists line by line", () => {
  const after: Content = { ...content, questions: { zh: ["运费多少", "要邮费吗"], en: ["Shipping fee?"] }, category: "" };
  expect(differences(content, after)).toEqual([
    { field: "questions.zh", removed: ["邮费多少"], added: ["要邮费吗"] },
    { field: "questions.en", removed: [], added: ["Shipping fee?"] },
    { field: "category", removed: ["shipping"], added: [] },
  ]);
  expect(differences(content, content)).toEqual([]);
});

test("a question's language is told by its script", () => {
  expect([languageOf("能开发票吗"), languageOf("invoice?"), languageOf("iPhone 能退吗")]).toEqual(["zh", "en", "zh"]);
});
