import { useI18n } from "../../i18n";
import { Markdown } from "../../thread/Markdown";
import editor from "../editor/editor.module.css";
import css from "./test.module.css";
import type { SearchAnswer } from "./types";

const SUGGESTED = 3;

/** The knowledge's part of the reply, as it looks in the widget. */
export function AsCustomer({ answer }: { answer: SearchAnswer }) {
  const { t } = useI18n();
  const best = answer.candidates[0];
  const suggested = answer.candidates.filter(({ score, kind }) => score >= answer.thresholds.suggest && kind === "faq").slice(0, SUGGESTED);
  return (
    <aside className={css.customerSide} aria-label={t("editor.preview")}>
      <h2>{t("editor.preview")}</h2>
      <div className={editor.chat} lang={answer.language === "zh" ? "zh-CN" : "en"}>
        <p className={editor.customer}>{answer.query}</p>
        {answer.verdict === "answer" && best ? (
          <div className={editor.bot}>
            <Markdown text={best.answer} />
          </div>
        ) : answer.verdict === "did_you_mean" && suggested.length > 0 ? (
          <div className={editor.bot}>
            <p>{t("test.did_you_mean")}</p>
            <ul className={css.suggested}>
              {suggested.map(({ entry_id, title }) => (
                <li key={entry_id}>{title}</li>
              ))}
            </ul>
          </div>
        ) : (
          <div className={editor.bot}>
            <em>{t("test.no_answer")}</em>
          </div>
        )}
      </div>
    </aside>
  );
}
