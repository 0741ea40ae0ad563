import { SegmentedControl } from "@mantine/core";
import { useState } from "react";
import type { Language } from "../../../../shared/events";
import { useI18n } from "../../i18n";
import { Files } from "../../files/Files";
import { Markdown } from "../../thread/Markdown";
import { type Content, LANGUAGES } from "../types";
import css from "./editor.module.css";

/** The answer that a channel gets, as the dialogue chooses it: its own, else the one for all. */
export function answerFor(content: Content, language: Language, channel: string | null): string | null {
  const inLanguage = content.answers.filter((answer) => answer.language === language);
  const own = inLanguage.find((answer) => answer.channel === channel);
  return (own ?? inLanguage.find((answer) => answer.channel === null))?.text ?? null;
}

/** The entry as a customer meets it in the widget. */
export function Preview({ content }: { content: Content }) {
  const { t, language: mine, code } = useI18n();
  const [chosen, setChosen] = useState<Language | null>(null);
  const has = (language: Language) => Boolean(content.questions[language]?.length) || content.answers.some((answer) => answer.language === language);
  const language = chosen ?? (has(mine) ? mine : (LANGUAGES.find(has) ?? mine));
  const [channel, setChannel] = useState<string>("");
  const channels = [...new Set(content.answers.flatMap((answer) => (answer.channel ? [answer.channel] : [])))];
  const answer = answerFor(content, language, channel || null);
  return (
    <section className={css.side} aria-label={t("editor.preview")}>
      <div className={css.sideHead}>
        <h2>{t("editor.preview")}</h2>
        <SegmentedControl
          size="xs"
          value={language}
          onChange={(value) => setChosen(value as Language)}
          data={LANGUAGES.map((one) => ({ value: one, label: code("language", one) }))}
          aria-label={t("settings.language")}
        />
      </div>
      {channels.length > 0 && (
        <SegmentedControl
          size="xs"
          value={channels.includes(channel) ? channel : ""}
          onChange={setChannel}
          data={[{ value: "", label: t("editor.every_channel") }, ...channels.map((one) => ({ value: one, label: one }))]}
          aria-label={t("editor.channel")}
          mb="xs"
        />
      )}
      <div className={css.chat} lang={language === "zh" ? "zh-CN" : "en"}>
        <p className={css.customer}>{content.questions[language]?.[0] ?? <em>{t("editor.no_question")}</em>}</p>
        <div className={css.bot}>
          {answer ? <Markdown text={answer} /> : <em>{t("editor.no_answer", { language: code("language", language) })}</em>}
          {content.attachments.length > 0 && <Files files={content.attachments} />}
        </div>
      </div>
    </section>
  );
}
