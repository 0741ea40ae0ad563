import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconConfetti } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { Found, Nothing } from "../../shell/Found";
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
        <Found query={found}>
          {({ items, questions }) =>
            items.length === 0 ? (
              <Nothing icon={IconConfetti} title={t("unanswered.empty")} hint={t("unanswered.empty_hint")} />
            ) : (
              <>
                <p className={css.intro}>{t("unanswered.intro", { questions, groups: items.length })}</p>
                <ul className={css.clusters}>
                  {items.map((cluster) => (
                    <li key={cluster.questions[0]?.message_id ?? cluster.title}>
                      <ClusterCard cluster={cluster} now={now} />
                    </li>
                  ))}
                </ul>
              </>
            )
          }
        </Found>
      </Column>
    </KnowledgeFrame>
  );
}
