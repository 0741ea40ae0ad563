import { Button, Loader, Progress } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconCopy, IconClockExclamation, IconRefresh, IconScale, IconShieldCheck, IconTargetOff } from "@tabler/icons-react";
import { Link } from "react-router";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { Found, Nothing } from "../../shell/Found";
import { Column } from "../../shell/Frame";
import { KnowledgeFrame } from "../KnowledgeFrame";
import css from "./lint.module.css";

interface Finding {
  code: "duplicate" | "contradiction" | "numbers" | "near_miss" | "expired" | "past_date";
  entry_id: string;
  title: string;
  other: string | null;
  other_title: string | null;
  question: string | null;
  near: string | null;
  suggestion: string | null;
  words: string;
}

interface LintAnswer {
  items: Finding[];
  total: number;
  entries: number;
  compared: boolean;
  /** Below 1 it is still being looked. */
  progress: number;
}

const LOOKS = {
  contradiction: { icon: IconScale, tone: "bad" },
  numbers: { icon: IconScale, tone: "bad" },
  duplicate: { icon: IconCopy, tone: "warn" },
  expired: { icon: IconClockExclamation, tone: "warn" },
  past_date: { icon: IconClockExclamation, tone: "warn" },
  near_miss: { icon: IconTargetOff, tone: "accent" },
} as const;
const ORDER = Object.keys(LOOKS) as Finding["code"][];

function gravestFirst(items: readonly Finding[]): Finding[] {
  return [...items].sort((one, other) => ORDER.indexOf(one.code) - ORDER.indexOf(other.code));
}

function Card({ finding }: { finding: Finding }) {
  const { t } = useI18n();
  const { icon: Icon, tone } = LOOKS[finding.code];
  return (
    <li className={css.card}>
      <span className={css.icon} data-tone={tone}>
        <Icon size={18} aria-hidden />
      </span>
      <div className={css.body}>
        <h2>{t(`lint.${finding.code}`)}</h2>
        <p>{finding.words}</p>
        {finding.suggestion && (
          <p className={css.suggestion}>
            {t("lint.suggestion")} <q>{finding.suggestion}</q>
          </p>
        )}
        <p className={css.links}>
          <Link to={`/knowledge/entries/${encodeURIComponent(finding.entry_id)}`}>{finding.title}</Link>
          {finding.other && <Link to={`/knowledge/entries/${encodeURIComponent(finding.other)}`}>{finding.other_title}</Link>}
        </p>
      </div>
    </li>
  );
}

/** What is doubtful in the knowledge, the gravest first, each with the way to mend it. */
export function LintPage() {
  const { t, language } = useI18n();
  const found = useQuery({ queryKey: ["faq", "lint", language], queryFn: ({ signal }) => api<LintAnswer>("/api/faq/lint", { signal }), staleTime: 0, refetchInterval: ({ state }) => (state.data && state.data.progress < 1 ? 500 : false) });
  return (
    <KnowledgeFrame
      actions={
        <Button size="sm" variant="default" leftSection={<IconRefresh size={16} />} loading={found.isFetching || (found.data?.progress ?? 1) < 1} onClick={() => void found.refetch()}>
          {t("lint.again")}
        </Button>
      }
    >
      <Column>
        <Found
          query={found}
          waiting={
            <p className={css.looking} role="status">
              <Loader size={16} aria-hidden /> {t("lint.looking")}
            </p>
          }
        >
          {({ items, total, entries, compared, progress }) =>
            progress < 1 ? (
              <div className={css.looking} role="status">
                <Loader size={16} aria-hidden /> {t("lint.looking")}
                <Progress value={100 * progress} w={160} aria-label={t("lint.looking")} />
              </div>
            ) : items.length === 0 ? (
              <Nothing icon={IconShieldCheck} title={t("lint.clean")} hint={t("lint.clean_hint", { count: entries })} />
            ) : (
              <>
                <p className={css.intro}>{t("lint.intro", { count: total, entries })}</p>
                {!compared && <p className={css.intro}>{t("lint.not_compared")}</p>}
                <ul className={css.list}>
                  {gravestFirst(items).map((finding, index) => (
                    <Card key={index} finding={finding} />
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
