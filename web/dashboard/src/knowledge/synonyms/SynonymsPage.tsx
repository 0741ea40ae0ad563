import { Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconEqual } from "@tabler/icons-react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { Failure } from "../../shell/Failure";
import { Column } from "../../shell/Frame";
import { useNow } from "../../shell/now";
import { isSupervisor, useMe } from "../../shell/session";
import { KnowledgeFrame } from "../KnowledgeFrame";
import { GroupRow } from "./GroupRow";
import css from "./synonyms.module.css";
import type { SynonymGroup } from "./types";
import { usePutSynonyms } from "./useSynonyms";
import { WordsForm } from "./WordsForm";

/** Words that mean the same to customers: searches and answers read them as one. */
export function SynonymsPage() {
  const { t } = useI18n();
  const now = useNow(30_000);
  const supervisor = isSupervisor(useMe());
  const add = usePutSynonyms();
  const found = useQuery({ queryKey: ["faq", "synonyms"], queryFn: () => api<{ items: SynonymGroup[] }>("/api/faq/synonyms") });
  return (
    <KnowledgeFrame>
      <Column>
        <p className={css.intro}>{t("synonyms.intro")}</p>
        {supervisor && <WordsForm words={[]} action={t("action.add")} busy={add.isPending} onSave={(words, done) => add.mutate({ words }, { onSuccess: done })} />}
        {found.error ? (
          <Failure error={found.error} onRetry={() => void found.refetch()} />
        ) : !found.data ? (
          <Loader m="xl" aria-label={t("state.loading")} />
        ) : found.data.items.length === 0 ? (
          <div className={css.empty}>
            <IconEqual size={42} stroke={1.3} aria-hidden />
            <h2>{t("synonyms.empty")}</h2>
            <p>{t("synonyms.empty_hint")}</p>
          </div>
        ) : (
          <ul className={css.groups} aria-label={t("knowledge.synonyms")}>
            {found.data.items.map((group) => (
              <GroupRow key={group.id} group={group} editable={supervisor} now={now} />
            ))}
          </ul>
        )}
      </Column>
    </KnowledgeFrame>
  );
}
