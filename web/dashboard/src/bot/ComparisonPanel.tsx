import { CloseButton, Loader } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useI18n } from "../i18n";
import { Failure } from "../shell/Failure";
import css from "./bot.module.css";
import { type ChangedAnswer, SHOWN_FIGURES } from "./types";
import { useComparison } from "./useBot";

function Answers({ title, tone, answers }: { title: string; tone: "good" | "bad" | "plain"; answers: readonly ChangedAnswer[] }) {
  if (answers.length === 0) return null;
  return (
    <div className={css.group} data-tone={tone}>
      <h3>
        {title} <span>{answers.length}</span>
      </h3>
      <ul>
        {answers.map((answer) => (
          <li key={answer.text}>
            <q>{answer.text}</q>
            <span>
              <code data-right={answer.left === answer.expected}>{answer.left}</code>
              <IconArrowRight size={13} aria-hidden />
              <code data-right={answer.right === answer.expected}>{answer.right}</code>
              {answer.left !== answer.expected && answer.right !== answer.expected && <small>({answer.expected})</small>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The live model against another, on examples that neither was trained on. */
export function ComparisonPanel({ live, other, onClose }: { live: string; other: string; onClose: () => void }) {
  const { t, code } = useI18n();
  const found = useComparison(live, other);
  return (
    <section className={css.card} aria-label={t("bot.comparison")}>
      <div className={css.cardHead}>
        <h2>{t("bot.comparison")}</h2>
        <CloseButton onClick={onClose} aria-label={t("action.close_panel")} />
      </div>
      {found.error && <Failure error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Loader size="sm" aria-label={t("state.loading")} />}
      {found.data && (
        <>
          <dl className={css.figures}>
            {SHOWN_FIGURES.map((name) => {
              const [left, right] = [found.data.left[name], found.data.right[name]];
              if (left === null || left === undefined || right === null || right === undefined) return null;
              const change = 100 * (right - left);
              return (
                <div key={name}>
                  <dt>{code("figure", name)}</dt>
                  <dd>
                    {(100 * right).toFixed(1)}%
                    <span data-tone={change > 0.05 ? "good" : change < -0.05 ? "bad" : "plain"}>
                      {change > 0 ? "+" : ""}
                      {change.toFixed(1)}
                    </span>
                  </dd>
                </div>
              );
            })}
          </dl>
          <Answers title={t("bot.better")} tone="good" answers={found.data.better} />
          <Answers title={t("bot.worse")} tone="bad" answers={found.data.worse} />
          <Answers title={t("bot.changed")} tone="plain" answers={found.data.changed} />
          {found.data.better.length + found.data.worse.length + found.data.changed.length === 0 && <p className={css.quiet}>{t("bot.same")}</p>}
        </>
      )}
    </section>
  );
}
