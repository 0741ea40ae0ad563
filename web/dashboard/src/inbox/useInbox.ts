import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useSearchParams } from "react-router";
import type { ConversationSummary } from "../../../shared/events";
import { api } from "../api/client";
import type { InboxPage } from "../api/types";
import { useDesk, useDeskState } from "../live/context";
import { rowsOf, type View, VIEWS } from "../live/inbox";
import { useMe } from "../shell/session";

export function useView(): [View, (view: View) => void] {
  const [params, setParams] = useSearchParams();
  const asked = params.get("view");
  const view = VIEWS.find((one) => one === asked) ?? "queued";
  return [view, (next) => setParams({ view: next })];
}

interface Inbox {
  rows: readonly ConversationSummary[];
  pending: boolean;
  error: Error | null;
  retry: () => void;
  more: (() => void) | null;
}

/**
 * The rows of a view, or of a search over all messages in it. Pages come by REST, changes by
 * the socket; a search shows what the server found, in its order, each row as fresh as we know it.
 */
export function useInbox(view: View, search: string): Inbox {
  const me = useMe();
  const desk = useDesk();
  const inbox = useDeskState((state) => state.inbox);
  const query = useInfiniteQuery({
    queryKey: ["inbox", view, search],
    queryFn: ({ pageParam, signal }) =>
      api<InboxPage>("/api/conversations", { query: { view, q: search, before: pageParam }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 0,
  });
  const pages = query.data?.pages;
  useEffect(() => {
    if (!pages || search) return;
    for (const [index, page] of pages.entries()) desk.page(view, page, index === 0);
  }, [desk, pages, view, search]);
  const found = pages?.flatMap((page) => page.items).map((row) => inbox.rows.get(row.id) ?? row);
  return {
    rows: search ? (found ?? []) : rowsOf(inbox, view, me.id),
    pending: query.isPending,
    error: query.error,
    retry: () => void query.refetch(),
    more: query.hasNextPage && !query.isFetchingNextPage ? () => void query.fetchNextPage() : null,
  };
}
