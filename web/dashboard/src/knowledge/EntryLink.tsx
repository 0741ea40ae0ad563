import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import type { EntryDetail } from "./types";

/** An entry by its title, and the way to it. */
export function EntryLink({ id }: { id: string }) {
  const { language } = useI18n();
  const entry = useQuery({ queryKey: ["faq", "entry", id], queryFn: () => api<EntryDetail>(`/api/faq/${encodeURIComponent(id)}`), staleTime: 60_000 });
  return <Link to={`/knowledge/entries/${encodeURIComponent(id)}`}>{entry.data ? (entry.data.titles[language] ?? entry.data.title) : id}</Link>;
}
