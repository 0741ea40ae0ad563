import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import type { EntrySummary, ListAnswer } from "../types";

/** An entry found by typing; cleared, it means that none may answer. */
export function EntryPicker({ value, onChange }: { value: string | null; onChange: (id: string | null) => void }) {
  const { t, language } = useI18n();
  const [typed, setTyped] = useState("");
  const [q] = useDebouncedValue(typed, 200);
  const [chosen, setChosen] = useState<EntrySummary | null>(null);
  const nameOf = (entry: EntrySummary) => entry.titles[language] ?? entry.title;
  const searched = chosen && nameOf(chosen) === q ? "" : q;
  const found = useQuery({
    queryKey: ["faq", "pick", searched],
    queryFn: () => api<ListAnswer>("/api/faq", { query: { q: searched, limit: 20 } }),
    placeholderData: keepPreviousData,
  });
  const items = found.data?.items ?? [];
  const shown = chosen && value && !items.some(({ id }) => id === chosen.id) ? [chosen, ...items] : items;
  return (
    <Select
      data={shown.map((entry) => ({ value: entry.id, label: nameOf(entry) }))}
      value={value}
      onChange={(id) => {
        setChosen(shown.find((entry) => entry.id === id) ?? null);
        onChange(id);
      }}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      filter={({ options }) => options}
      clearable
      placeholder={t("regression.none_may")}
      aria-label={t("regression.entry")}
      nothingFoundMessage={t("palette.nothing")}
      clearButtonProps={{ "aria-label": t("action.clear") }}
    />
  );
}
