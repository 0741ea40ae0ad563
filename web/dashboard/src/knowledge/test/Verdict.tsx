import { IconCheck, IconHelp, IconX } from "@tabler/icons-react";
import { useI18n } from "../../i18n";
import { Note } from "../Note";
import css from "./test.module.css";
import type { SearchAnswer } from "./types";

const LOOKS = {
  answer: { tone: "good", icon: <IconCheck size={20} /> },
  did_you_mean: { tone: "warn", icon: <IconHelp size={20} /> },
  nothing: { tone: "bad", icon: <IconX size={20} /> },
} as const;

/** What is done with the question, in the server's words; what was searched, and how long it took. */
export function Verdict({ answer }: { answer: SearchAnswer }) {
  const { t } = useI18n();
  const total = Object.values(answer.timings_ms).reduce((sum, ms) => sum + ms, 0);
  return (
    <div>
      <Note {...LOOKS[answer.verdict]} title={t(`verdict.${answer.verdict}`)}>
        {answer.why}
      </Note>
      <p className={css.facts}>
        {answer.rewritten && <span>{t("test.searched", { query: answer.searched })}</span>}
        <span>{t("test.among", { count: answer.entries })}</span>
        <span>{t("why.ms", { ms: total < 10 ? total.toFixed(1) : Math.round(total) })}</span>
      </p>
    </div>
  );
}
