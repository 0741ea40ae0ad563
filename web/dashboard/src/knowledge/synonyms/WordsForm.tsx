import { Button, TagsInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useState } from "react";
import { useI18n } from "../../i18n";
import css from "./synonyms.module.css";

interface Props {
  words: string[];
  action: string;
  busy: boolean;
  onSave: (words: string[], done: () => void) => void;
  children?: ReactNode;
}

/** Words of one group; the first is the main one. */
export function WordsForm({ words: given, action, busy, onSave, children }: Props) {
  const { t } = useI18n();
  const [words, setWords] = useState(given);
  const [typed, setTyped] = useState("");
  const all = typed.trim() ? [...words, typed.trim()] : words;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (all.length > 1) onSave(all, () => (setWords(given), setTyped("")));
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <TagsInput
        aria-label={t("synonyms.words")}
        placeholder={words.length > 0 ? t("synonyms.another") : t("synonyms.placeholder")}
        value={words}
        onChange={setWords}
        searchValue={typed}
        onSearchChange={setTyped}
        splitChars={[",", "，", "、", ";", "；"]}
        maxTags={30}
        maxLength={40}
      />
      <Button type="submit" variant="light" loading={busy} disabled={all.length < 2}>
        {action}
      </Button>
      {children}
    </form>
  );
}
