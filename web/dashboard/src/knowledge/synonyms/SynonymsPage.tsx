import { useQuery } from "@tanstack/react-query";
import { IconEqual } from "@tabler/icons-react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { Found, Nothing } from "../../shell/Found";
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
        <Found query={found}>
          {({ items }) =>
            items.length === 0 ? (
              <Nothing icon={IconEqual} title={t("synonyms.empty")} hint={t("synonyms.empty_hint")} />
            ) : (
              <ul className={css.groups} aria-label={t("knowledge.synonyms")}>
                {items.map((group) => (
                  <GroupRow key={group.id} group={group} editable={supervisor} now={now} />
                ))}
              </ul>
            )
          }
        </Found>
      </Column>
    </KnowledgeFrame>
  );
}
