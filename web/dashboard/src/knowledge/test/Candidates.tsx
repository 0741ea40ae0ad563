import { Button, Tooltip } from "@mantine/core";
import { IconFlask, IconPlus } from "@tabler/icons-react";
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import chips from "../chips.module.css";
import css from "./test.module.css";
import type { FaqCandidate, SearchAnswer } from "./types";
import { useAddCase, useAddPhrasing } from "./useTeach";

function Score({ candidate, thresholds }: { candidate: FaqCandidate; thresholds: SearchAnswer["thresholds"] }) {
  const { t } = useI18n();
  const reached = candidate.score >= thresholds.answer ? "good" : candidate.score >= thresholds.suggest ? "warn" : "plain";
  return (
    <div className={css.scores}>
      <span className={css.score} data-tone={reached}>
        {candidate.score.toFixed(2)}
      </span>
      <span className={css.bar} role="img" aria-label={t("test.score_of", { score: candidate.score.toFixed(2) })}>
        <span className={css.fill} data-tone={reached} style={{ width: `${candidate.score * 100}%` }} />
        <Tooltip label={t("test.suggest_from", { score: thresholds.suggest.toFixed(2) })}>
          <span className={css.mark} style={{ left: `${thresholds.suggest * 100}%` }} />
        </Tooltip>
        <Tooltip label={t("test.answer_from", { score: thresholds.answer.toFixed(2) })}>
          <span className={css.mark} data-main="true" style={{ left: `${thresholds.answer * 100}%` }} />
        </Tooltip>
      </span>
      <span className={css.parts}>
        {t("why.lexical")} {candidate.lexical.toFixed(2)}
        <i style={{ width: `${Math.max(0, candidate.lexical) * 48}px` }} />
      </span>
      <span className={css.parts}>
        {t("why.semantic")} {candidate.semantic.toFixed(2)}
        <i style={{ width: `${Math.max(0, candidate.semantic) * 48}px` }} />
      </span>
    </div>
  );
}

/** What comes into question, best first, with both scores against the thresholds; each teachable in one click. */
export function Candidates({ answer }: { answer: SearchAnswer }) {
  const { t } = useI18n();
  const addPhrasing = useAddPhrasing();
  const addCase = useAddCase();
  return (
    <section aria-label={t("test.candidates")}>
      <header className={css.candidatesHead}>
        <h2>{t("test.candidates")}</h2>
        <Button size="xs" variant="subtle" loading={addCase.isPending && addCase.variables.entryId === null} onClick={() => addCase.mutate({ query: answer.query, entryId: null })}>
          {t("test.none_of_them")}
        </Button>
      </header>
      <ol className={css.candidates}>
        {answer.candidates.map((candidate) => (
          <li key={candidate.entry_id}>
            <div className={css.candidateTop}>
              <Link to={`/knowledge/entries/${encodeURIComponent(candidate.entry_id)}`} className={css.title ?? ""}>
                {candidate.title}
              </Link>
              {candidate.audience !== "everyone" && <span className={chips.tag}>{t(`audience.${candidate.audience}`)}</span>}
              {candidate.category && <span className={chips.tag}>{candidate.category}</span>}
            </div>
            {candidate.question !== candidate.title && <p className={css.matched}>{t("test.matched", { question: candidate.question })}</p>}
            <Score candidate={candidate} thresholds={answer.thresholds} />
            {candidate.kind === "faq" && (
              <div className={css.teach}>
                <Button
                  size="xs"
                  variant="light"
                  leftSection={<IconPlus size={14} />}
                  loading={addPhrasing.isPending && addPhrasing.variables.entryId === candidate.entry_id}
                  onClick={() => addPhrasing.mutate({ query: answer.query, entryId: candidate.entry_id })}
                >
                  {t("test.add_phrasing")}
                </Button>
                <Button
                  size="xs"
                  variant="subtle"
                  leftSection={<IconFlask size={14} />}
                  loading={addCase.isPending && addCase.variables.entryId === candidate.entry_id}
                  onClick={() => addCase.mutate({ query: answer.query, entryId: candidate.entry_id })}
                >
                  {t("test.add_case")}
                </Button>
              </div>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
