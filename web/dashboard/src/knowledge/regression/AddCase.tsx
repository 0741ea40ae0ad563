import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useI18n } from "../../i18n";
import { isSupervisor, useMe } from "../../shell/session";
import { useAddCase } from "../test/useTeach";
import { EntryPicker } from "./EntryPicker";
import css from "./regression.module.css";

export function AddCase() {
  const { t } = useI18n();
  const add = useAddCase();
  const [query, setQuery] = useState("");
  const [entryId, setEntryId] = useState<string | null>(null);
  if (!isSupervisor(useMe())) return null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (query.trim()) add.mutate({ query: query.trim(), entryId }, { onSuccess: () => (setQuery(""), setEntryId(null)) });
  };
  return (
    <form className={css.add} onSubmit={submit}>
      <TextInput value={query} onChange={(event) => setQuery(event.currentTarget.value)} placeholder={t("regression.question")} aria-label={t("regression.question")} maxLength={500} />
      <EntryPicker value={entryId} onChange={setEntryId} />
      <Button type="submit" variant="light" loading={add.isPending} disabled={!query.trim()}>
        {t("action.add")}
      </Button>
    </form>
  );
}
