import { ActionIcon, Button } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { useI18n } from "../../i18n";
import { ago, fullTime } from "../../i18n/time";
import css from "./synonyms.module.css";
import type { SynonymGroup } from "./types";
import { usePutSynonyms } from "./useSynonyms";
import { WordsForm } from "./WordsForm";

export function GroupRow({ group, editable, now }: { group: SynonymGroup; editable: boolean; now: number }) {
  const { t, locale } = useI18n();
  const put = usePutSynonyms();
  const [editing, setEditing] = useState(false);
  if (editing) {
    return (
      <li>
        <WordsForm words={group.words} action={t("action.save")} busy={put.isPending} onSave={(words) => put.mutate({ id: group.id, words }, { onSuccess: () => setEditing(false) })}>
          <Button variant="default" onClick={() => setEditing(false)}>
            {t("action.cancel")}
          </Button>
        </WordsForm>
      </li>
    );
  }
  const [first = "", ...others] = group.words;
  return (
    <li>
      <div className={css.words}>
        <strong>{first}</strong>
        {others.map((word) => (
          <span key={word}>{word}</span>
        ))}
      </div>
      <time className={css.by} dateTime={group.updated_at} title={fullTime(group.updated_at, locale)}>
        {group.updated_by} · {ago(group.updated_at, locale, now)}
      </time>
      {editable && (
        <>
          <ActionIcon onClick={() => setEditing(true)} aria-label={t("synonyms.edit", { word: first })}>
            <IconPencil size={16} />
          </ActionIcon>
          <ActionIcon loading={put.isPending} onClick={() => put.mutate({ id: group.id })} aria-label={t("synonyms.remove", { word: first })}>
            <IconTrash size={16} />
          </ActionIcon>
        </>
      )}
    </li>
  );
}
