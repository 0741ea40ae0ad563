import { IconArrowRight } from "@tabler/icons-react";
import { EntryLink } from "../EntryLink";
import { useI18n } from "../../i18n";
import css from "./regression.module.css";
import type { CaseResult } from "./types";

/** Questions whose answer changes: what is expected, what answered before, what would answer now. */
export function Comparison({ results, tone }: { results: readonly CaseResult[]; tone: "bad" | "good" }) {
  const { t } = useI18n();
  const answer = (entry: string | null, score: number) => (
    <>
      {entry ? <EntryLink id={entry} /> : <em>{t("regression.no_answer")}</em>}
      <span className={css.score}>{score.toFixed(2)}</span>
    </>
  );
  return (
    <ul className={css.results}>
      {results.map((result) => (
        <li key={result.query} data-tone={tone}>
          <strong>{result.query}</strong>
          <span className={css.change}>
            <span data-right={result.before === result.expected}>{answer(result.before, result.score_before)}</span>
            <IconArrowRight size={14} aria-label={t("regression.becomes")} />
            <span data-right={result.after === result.expected}>{answer(result.after, result.score_after)}</span>
          </span>
          {result.after !== result.expected && result.before !== result.expected && (
            <span className={css.expected}>
              {t("regression.expected")} {result.expected ? <EntryLink id={result.expected} /> : t("regression.no_answer")}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
