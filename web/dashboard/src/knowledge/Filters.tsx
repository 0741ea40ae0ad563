import { Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { type RefObject, useEffect, useState } from "react";
import { useI18n } from "../i18n";
import css from "./entries.module.css";
import { LANGUAGES, type ListAnswer, SHOWN } from "./types";
import type { Filter } from "./useEntries";

const TYPING_MS = 200;

interface Props {
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
  first: ListAnswer | undefined;
  searchBox: RefObject<HTMLInputElement | null>;
  /** From the search into the list. */
  onDown: () => void;
}

function Statuses({ filter, onChange, first }: Pick<Props, "filter" | "onChange" | "first">) {
  const { t } = useI18n();
  const counts = first?.counts;
  const all = counts && counts.published + counts.changed + counts.draft;
  const shown = SHOWN.filter((status) => status === "published" || status === filter.status || (counts?.[status] ?? 0) > 0);
  return (
    <div className={css.statuses} role="group" aria-label={t("knowledge.by_status")}>
      <button type="button" aria-pressed={filter.status === null} onClick={() => onChange({ status: null })}>
        {t("knowledge.all")} <span>{all}</span>
      </button>
      {shown.map((status) => (
        <button key={status} type="button" aria-pressed={filter.status === status} onClick={() => onChange({ status })}>
          {t(`entry_status.${status}`)} <span>{counts?.[status]}</span>
        </button>
      ))}
    </div>
  );
}

export function Filters({ filter, onChange, first, searchBox, onDown }: Props) {
  const { t, code } = useI18n();
  const [typed, setTyped] = useState(filter.q);
  const search = useDebouncedCallback((q: string) => onChange({ q }), TYPING_MS);
  useEffect(() => setTyped((before) => (before.trim() === filter.q ? before : filter.q)), [filter.q]);
  const type = (text: string) => {
    setTyped(text);
    search(text.trim());
  };
  const categories = (first?.categories ?? []).filter(({ name }) => name);
  const languages = LANGUAGES.flatMap((language) => [
    { value: `language:${language}`, label: t("knowledge.speaks", { language: code("language", language) }) },
    { value: `lacking:${language}`, label: t("knowledge.lacks", { language: code("language", language) }) },
  ]);
  const chosen = filter.language ? `language:${filter.language}` : filter.lacking ? `lacking:${filter.lacking}` : null;
  const chooseLanguage = (value: string | null) => {
    const found = LANGUAGES.find((language) => value?.endsWith(`:${language}`)) ?? null;
    const lacking = value?.startsWith("lacking") ?? false;
    onChange({ language: lacking ? null : found, lacking: lacking ? found : null });
  };
  return (
    <div className={css.filters}>
      <TextInput
        ref={searchBox}
        className={css.search}
        value={typed}
        onChange={(event) => type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") type("");
          if (event.key === "ArrowDown" && !event.nativeEvent.isComposing) {
            event.preventDefault();
            onDown();
          }
        }}
        leftSection={<IconSearch size={16} aria-hidden />}
        placeholder={t("knowledge.search")}
        aria-label={t("knowledge.search")}
        type="search"
      />
      <Select
        className={css.select}
        data={categories.map(({ name, entries }) => ({ value: name, label: `${name} · ${entries}` }))}
        value={filter.category}
        onChange={(category) => onChange({ category })}
        placeholder={t("knowledge.any_category")}
        aria-label={t("knowledge.category")}
        clearable
        searchable
        nothingFoundMessage={t("palette.nothing")}
        clearButtonProps={{ "aria-label": t("action.clear") }}
      />
      <Select
        className={css.select}
        data={languages}
        value={chosen}
        onChange={chooseLanguage}
        placeholder={t("knowledge.any_language")}
        aria-label={t("settings.language")}
        clearable
        clearButtonProps={{ "aria-label": t("action.clear") }}
      />
      <Statuses filter={filter} onChange={onChange} first={first} />
    </div>
  );
}
