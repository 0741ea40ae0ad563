import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import type { Language } from "../../../shared/events";
import { setAcceptLanguage } from "../api/client";
import analyticsEn from "../analytics/words/en.json";
import analyticsZh from "../analytics/words/zh.json";
import botEn from "../bot/words/en.json";
import botZh from "../bot/words/zh.json";
import deskEn from "../desk/words/en.json";
import deskZh from "../desk/words/zh.json";
import filesEn from "../files/words/en.json";
import filesZh from "../files/words/zh.json";
import knowledgeEn from "../knowledge/words/en.json";
import knowledgeZh from "../knowledge/words/zh.json";
import settingsEn from "../settings/words/en.json";
import settingsZh from "../settings/words/zh.json";
import shellEn from "../shell/words/en.json";
import shellZh from "../shell/words/zh.json";
import threadEn from "../thread/words/en.json";
import threadZh from "../thread/words/zh.json";
import widgetEn from "../widget/words/en.json";
import widgetZh from "../widget/words/zh.json";
import en from "./en.json";
import zh from "./zh.json";

/** Each area keeps its own words; here they become one. */
const EN = {
  ...en,
  ...analyticsEn,
  ...botEn,
  ...deskEn,
  ...filesEn,
  ...knowledgeEn,
  ...settingsEn,
  ...shellEn,
  ...threadEn,
  ...widgetEn,
};
const ZH = {
  ...zh,
  ...analyticsZh,
  ...botZh,
  ...deskZh,
  ...filesZh,
  ...knowledgeZh,
  ...settingsZh,
  ...shellZh,
  ...threadZh,
  ...widgetZh,
};
type Words = typeof EN;
/** Keys ending in `_one` and `_other` are asked for without the ending, with a `count`. */
export type Key = keyof Words extends infer K
  ? K extends `${infer Stem}_one` | `${infer Stem}_other`
    ? Stem
    : K & string
  : never;
export type Values = Readonly<Record<string, string | number>>;
export type Translate = (key: Key, values?: Values) => string;

export const WORDS: Record<Language, Readonly<Record<string, string>>> = { en: EN, zh: ZH };
const LOCALES: Record<Language, string> = { en: "en-GB", zh: "zh-CN" };
const STORED = "lingxi.dashboard.language";

export function translate(language: Language, key: string, values: Values = {}): string {
  const words = WORDS[language];
  const count = values["count"];
  const plural =
    typeof count === "number"
      ? words[`${key}_${new Intl.PluralRules(LOCALES[language]).select(count)}`] ?? words[`${key}_other`]
      : undefined;
  const text = plural ?? words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : String(value);
  });
}

/** The words for a code the server chose (an intent, a reason), or the code itself. */
export function translateCode(language: Language, family: string, code: string): string {
  return WORDS[language][`${family}.${code}`] ?? code;
}

interface I18n {
  language: Language;
  locale: string;
  setLanguage: (language: Language) => void;
  t: Translate;
  code: (family: string, code: string) => string;
}

const I18nContext = createContext<I18n | null>(null);

function initialLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  if (stored === "zh" || stored === "en") return stored;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

export function I18nProvider({ children, initial }: { children: ReactNode; initial?: Language }) {
  const [language, setState] = useState<Language>(() => initial ?? initialLanguage());
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    dayjs.locale(language === "zh" ? "zh-cn" : "en");
    setAcceptLanguage(language);
  }, [language]);
  const setLanguage = useCallback((next: Language) => {
    localStorage.setItem(STORED, next);
    setState(next);
  }, []);
  const value = useMemo<I18n>(
    () => ({
      language,
      locale: LOCALES[language],
      setLanguage,
      t: (key, values) => translate(language, key, values),
      code: (family, code) => translateCode(language, family, code),
    }),
    [language, setLanguage],
  );
  return <I18nContext value={value}>{children}</I18nContext>;
}

export function useI18n(): I18n {
  const value = useContext(I18nContext);
  if (!value) throw new Error("expected to be inside an I18nProvider");
  return value;
}
