import { ActionIcon } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconBookmark, IconUsers, IconX } from "@tabler/icons-react";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { useConfirm } from "../shell/confirm";
import css from "./inbox.module.css";
import { type InboxQuery, writeQuery } from "./query";
import { useFilterWords } from "./FilterMenu";

interface SavedView {
  id: string;
  name: string;
  shared: boolean;
  mine: boolean;
  filters: InboxQuery;
}

export function useSavedViews() {
  return useQuery({
    queryKey: ["views"],
    queryFn: () => api<{ items: SavedView[] }>("/api/views").then(({ items }) => items),
    staleTime: 60_000,
  });
}

interface Props {
  query: InboxQuery;
  onChange: (query: InboxQuery) => void;
}

/** Saved views to jump to, and what narrows the one shown. */
export function SavedViews({ query, onChange }: Props) {
  const { t } = useI18n();
  const confirm = useConfirm();
  const queries = useQueryClient();
  const views = useSavedViews().data ?? [];
  const words = useFilterWords(query);
  const forget = useMutation({
    mutationFn: (id: string) => api(`/api/views/${id}`, { method: "DELETE" }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["views"] }),
  });
  const here = writeQuery(query);
  const active = views.find((view) => writeQuery({ ...view.filters, view: view.filters.view ?? "all" }) === here);
  if (views.length === 0 && words.length === 0) return null;
  return (
    <div className={css.views} role="group" aria-label={t("views.saved")}>
      {views.map((view) => (
        <span key={view.id} className={css.saved} data-on={view === active}>
          <button
            type="button"
            className={css.view}
            aria-pressed={view === active}
            onClick={() => onChange(view === active ? { view: query.view } : { ...view.filters, view: view.filters.view ?? "all" })}
          >
            {view.shared ? <IconUsers size={13} aria-hidden /> : <IconBookmark size={13} aria-hidden />} {view.name}
          </button>
          {view.mine && view === active && (
            <ActionIcon size={24} aria-label={t("views.delete", { name: view.name })} onClick={() => confirm({ title: t("confirm.delete", { name: view.name }), hint: t(view.shared ? "confirm.shared_view" : "confirm.view") }, () => forget.mutate(view.id))}>
              <IconX size={13} />
            </ActionIcon>
          )}
        </span>
      ))}
      {!active &&
        words.map(({ name, words: text }) => (
          <button
            key={name}
            type="button"
            className={css.filter}
            aria-label={t("filter.clear_this", { what: text })}
            onClick={() => {
              const { [name]: _gone, ...rest } = query;
              onChange(rest as InboxQuery);
            }}
          >
            {text} <IconX size={12} aria-hidden />
          </button>
        ))}
    </div>
  );
}
