import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useSearchParams } from "react-router";
import type { Language } from "../../../shared/events";
import { api } from "../api/client";
import { type EntrySummary, LANGUAGES, type ListAnswer, type Shown, SHOWN } from "./types";

const PAGE = 100;

export interface Filter {
  q: string;
  status: Shown | null;
  category: string | null;
  language: Language | null;
  /** Entries that do not speak this language yet. */
  lacking: Language | null;
}

/** The filter lives in the address, so that going back finds it again. */
export function useFilter(): [Filter, (change: Partial<Filter>) => void] {
  const [params, setParams] = useSearchParams();
  const one = <T extends string>(name: string, of: readonly T[]) => of.find((value) => value === params.get(name)) ?? null;
  const filter: Filter = {
    q: params.get("q") ?? "",
    status: one("status", SHOWN),
    category: params.get("category"),
    language: one("language", LANGUAGES),
    lacking: one("lacking", LANGUAGES),
  };
  const change = (changed: Partial<Filter>) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changed)) {
          if (value === null || (value === "" && name === "q")) next.delete(name);
          else next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  return [filter, change];
}

export function isFiltered(filter: Filter): boolean {
  return filter.q !== "" || [filter.status, filter.category, filter.language, filter.lacking].some((value) => value !== null);
}

export interface Entries {
  rows: readonly EntrySummary[];
  first: ListAnswer | undefined;
  pending: boolean;
  error: Error | null;
  retry: () => void;
  more: (() => void) | null;
}

export function useEntries(filter: Filter): Entries {
  const query = useInfiniteQuery({
    queryKey: ["faq", "list", filter],
    queryFn: ({ pageParam, signal }) =>
      api<ListAnswer>("/api/faq", { query: { ...filter, offset: pageParam, limit: PAGE }, signal }),
    initialPageParam: 0,
    getNextPageParam: (last, pages) => {
      const loaded = pages.reduce((sum, page) => sum + page.items.length, 0);
      return last.items.length > 0 && loaded < last.total ? loaded : undefined;
    },
    placeholderData: keepPreviousData,
    staleTime: 0,
  });
  const pages = query.data?.pages;
  // An entry that was changed between two pages may be in both.
  const rows = new Map((pages ?? []).flatMap((page) => page.items.map((item) => [item.id, item] as const)));
  return {
    rows: [...rows.values()],
    first: pages?.[0],
    pending: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
    more: query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : null,
  };
}
