import { Button, RingProgress } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { IconPlayerPlay } from "@tabler/icons-react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { Failure } from "../../shell/Failure";
import { Found } from "../../shell/Found";
import { Column } from "../../shell/Frame";
import { KnowledgeFrame } from "../KnowledgeFrame";
import { AddCase } from "./AddCase";
import { CaseList } from "./CaseList";
import { Comparison } from "./Comparison";
import css from "./regression.module.css";
import type { Case, CheckAnswer } from "./types";

function Figures({ check }: { check: CheckAnswer }) {
  const { t } = useI18n();
  const share = check.cases ? (100 * check.passed_after) / check.cases : 0;
  const change = check.passed_after - check.passed_before;
  return (
    <div className={css.figures}>
      <RingProgress
        size={112}
        thickness={9}
        roundCaps
        rootColor="var(--lx-sunken)"
        sections={[{ value: share, color: check.blocks ? "var(--lx-bad)" : "var(--lx-good)" }]}
        label={<span className={css.share}>{Math.round(share)}%</span>}
      />
      <div>
        <p className={css.big}>{t("regression.passed", { passed: check.passed_after, cases: check.cases })}</p>
        <p className={css.quiet}>
          {t("regression.live_now", { passed: check.passed_before })}
          {change !== 0 && (
            <span className={css.delta} data-tone={change > 0 ? "good" : "bad"}>
              {change > 0 ? `+${change}` : change}
            </span>
          )}
        </p>
        {check.blocks && <p className={css.blocks}>{t("regression.blocks")}</p>}
      </div>
    </div>
  );
}

function Results({ check }: { check: CheckAnswer }) {
  const { t } = useI18n();
  const groups = [
    { name: "worse", results: check.worse, tone: "bad" },
    { name: "better", results: check.better, tone: "good" },
    { name: "failing", results: check.failing, tone: "bad" },
  ] as const;
  return (
    <section className={css.block} aria-label={t("regression.results")}>
      <Figures check={check} />
      {groups.map(
        ({ name, results, tone }) =>
          results.length > 0 && (
            <div key={name} className={css.group}>
              <h2>
                {t(`regression.${name}`)} <span>{results.length}</span>
              </h2>
              <Comparison results={results} tone={tone} />
            </div>
          ),
      )}
    </section>
  );
}

/** Questions whose answers must stay right: asked of what is live, and of what would be with all drafts published. */
export function RegressionPage() {
  const { t } = useI18n();
  const cases = useQuery({ queryKey: ["faq", "cases"], queryFn: () => api<{ items: Case[] }>("/api/faq/cases") });
  const run = useMutation({ mutationFn: () => api<CheckAnswer>("/api/faq/check", { body: {} }) });
  const items = cases.data?.items ?? [];
  return (
    <KnowledgeFrame
      actions={
        <Button size="sm" leftSection={<IconPlayerPlay size={16} />} loading={run.isPending} disabled={items.length === 0} onClick={() => run.mutate()}>
          {t("regression.run")}
        </Button>
      }
    >
      <Column>
        <p className={css.intro}>{t("regression.intro")}</p>
        {run.error && <Failure error={run.error} onRetry={() => run.mutate()} />}
        {run.data && <Results check={run.data} />}
        <AddCase />
        <Found query={cases}>{() => <CaseList cases={items} check={run.data ?? null} />}</Found>
      </Column>
    </KnowledgeFrame>
  );
}
