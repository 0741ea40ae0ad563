import { expect, test } from "vitest";
import { WORDS } from ".";

type File = { default: Record<string, string> };
const files = import.meta.glob<File>(["./??.json", "../*/words/??.json"], { eager: true });

test("both languages have the same words, none empty, the same values", () => {
  const { en, zh } = WORDS;
  expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  for (const [key, words] of Object.entries(en)) {
    const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
    expect(words.trim(), key).not.toBe("");
    expect(zh[key]?.trim(), key).not.toBe("");
    expect(values(zh[key] ?? ""), key).toEqual(values(words));
  }
});

test("every area's words are merged, and no area takes another's key", () => {
  for (const language of ["en", "zh"] as const) {
    const keys = Object.entries(files)
      .filter(([path]) => path.endsWith(`${language}.json`))
      .flatMap(([, file]) => Object.keys(file.default));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.sort()).toEqual(Object.keys(WORDS[language]).sort());
  }
});
