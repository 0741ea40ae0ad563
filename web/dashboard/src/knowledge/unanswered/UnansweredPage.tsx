import { Loader, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconConfetti } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { Failure } from "../../shell/Failure";
import { Column } from "../../shell/Frame";
import { useNow } from "../../shell/now";
import { KnowledgeFrame } from "../KnowledgeFrame";
import { ClusterCard } from "./ClusterCard";
import type { UnansweredAnswer } from "./types";
import css from "./unanswered.module.css";

const PERIODS = ["7", "30", "90"] as const;

/** What customers asked in vain, put together by meaning: each group is answered or set aside in one click. */
export function UnansweredPage() {
  const { t } = useI18n();
  const [days, setDays] = useState<string>("30");
  const now = useNow(30_000);
  const found = useQuery({
    queryKey: ["faq", "unanswered", days],
    queryFn: ({ signal }) => api<UnansweredAnswer>("/api/faq/unanswered", { query: { days, limit: 100 }, signal }),
    staleTime: 0,
  });
  return (
    <KnowledgeFrame
      actions={
        <SegmentedControl
          size="xs"
          value={days}
          onChange={setDays}
          data={PERIODS.map((value) => ({ value, label: t("unanswered.days", { days: value }) }))}
          aria-label={t("unanswered.period")}
        />
      }
    >
      <Column>
        {found.error ? (
          <Failure error={found.error} onRetry={() => void found.refetch()} />
        ) : !found.data ? (
          <Loader m="xl" aria-label={t("state.loading")} />
        ) : found.data.items.length === 0 ? (
          <div className={css.empty}>
            <IconConfetti size={42} stroke={1.3} aria-hidden />
            <h2>{t("unanswered.empty")}</h2>
            <p>{t("unanswered.empty_hint")}</p>
          </div>
        ) : (
          <>
            <p className={css.intro}>{t("unanswered.intro", { questions: found.data.questions, groups: found.data.items.length })}</p>
            <ul className={css.clusters}>
              {found.data.items.map((cluster) => (
                <li key={cluster.questions[0]?.message_id ?? cluster.title}>
                  <ClusterCard cluster={cluster} now={now} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Column>
    </KnowledgeFrame>
  );
}
