import { ActionIcon, Autocomplete, Textarea } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { Language } from "../../../../shared/events";
import { useI18n } from "../../i18n";
import type { Answer } from "../types";
import { MAX_ANSWER_CHARS } from "./draft";
import css from "./editor.module.css";

/** Doors that customers come through; any other name may be typed. */
const CHANNELS = ["widget", "rest", "openai"];

interface Props {
  language: Language;
  answers: readonly Answer[];
  onChange: (answers: Answer[]) => void;
  error: string | null;
  readOnly: boolean;
}

/** What customers are told in one language: everywhere, and where a channel wants it otherwise. */
export function Answers({ language, answers, onChange, error, readOnly }: Props) {
  const { t } = useI18n();
  const set = (changed: Answer, fresh: Partial<Answer>) => onChange(answers.map((one) => (one === changed ? { ...one, ...fresh } : one)));
  const field = (answer: Answer, label: string, failure: string | null) => (
    <Textarea
      value={answer.text}
      onChange={(event) => set(answer, { text: event.currentTarget.value })}
      aria-label={label}
      placeholder={t("editor.answer_hint")}
      autosize
      minRows={answer.channel === null ? 4 : 2}
      maxRows={18}
      error={failure ?? (answer.text.length > MAX_ANSWER_CHARS ? t("problem.answer_too_long") : null)}
      readOnly={readOnly}
      lang={language === "zh" ? "zh-CN" : "en"}
    />
  );
  const mine = answers.filter((answer) => answer.language === language);
  return (
    <div className={css.answers}>
      {mine
        .filter(({ channel }) => channel === null)
        .map((answer) => (
          <div key="general">{field(answer, t("editor.answer"), error)}</div>
        ))}
      {mine
        .filter(({ channel }) => channel !== null)
        .map((answer, index) => (
          <div key={index} className={css.variant}>
            <div className={css.variantHead}>
              <span>{t("editor.only_on")}</span>
              <Autocomplete
                size="xs"
                data={CHANNELS}
                value={answer.channel ?? ""}
                onChange={(channel) => set(answer, { channel })}
                aria-label={t("editor.channel")}
                placeholder={t("editor.channel")}
                error={answer.channel === "" && answer.text ? t("problem.channel_missing") : null}
                readOnly={readOnly}
              />
              {!readOnly && (
                <ActionIcon onClick={() => onChange(answers.filter((one) => one !== answer))} aria-label={t("editor.remove_variant")}>
                  <IconTrash size={16} />
                </ActionIcon>
              )}
            </div>
            {field(answer, t("editor.answer_on", { channel: answer.channel || "…" }), null)}
          </div>
        ))}
      {!readOnly && (
        <button type="button" className={css.add} onClick={() => onChange([...answers, { language, channel: "", text: "" }])}>
          <IconPlus size={15} aria-hidden /> {t("editor.add_variant")}
        </button>
      )}
    </div>
  );
}
