import { useInfiniteQuery } from "@tanstack/react-query";
import type { ConversationSummary, Message } from "../../../shared/events";
import { api } from "../api/client";

export interface Hit {
  message: Message;
  conversation: ConversationSummary;
}

interface Found {
  items: Hit[];
  next: string | null;
}

/** Messages of all conversations that hold what is searched for, latest first. */
export function useMessageSearch(q: string): { hits: readonly Hit[]; more: (() => void) | null } {
  const query = useInfiniteQuery({
    queryKey: ["search", q],
    queryFn: ({ pageParam, signal }) => api<Found>("/api/search", { query: { q, before: pageParam }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    enabled: q !== "",
  });
  return {
    hits: q ? (query.data?.pages.flatMap((page) => page.items) ?? []) : [],
    more: q && query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : null,
  };
}
