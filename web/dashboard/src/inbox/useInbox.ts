import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import type { ConversationSummary } from "../../../shared/events";
import { api } from "../api/client";
import type { InboxPage } from "../api/types";
import { useDeskInfo } from "../desk/useDeskInfo";
import { useDesk, useDeskState } from "../live/context";
import { narrowed, rowsOf } from "../live/inbox";
import { useMe } from "../shell/session";
import { fits, type InboxQuery, isNarrowed, parseQuery, writeQuery } from "./query";

/** The view and its filters, kept in the address; `search` is how links carry them on. */
export function useInboxQuery(): { query: InboxQuery; search: string; setQuery: (query: InboxQuery) => void } {
  const [params] = useSearchParams();
  const { conversationId } = useParams();
  const navigate = useNavigate();
  const written = writeQuery(parseQuery(params));
  const query = useMemo(() => parseQuery(new URLSearchParams(written)), [written]);
  const setQuery = (next: InboxQuery) =>
    void navigate(`/inbox${conversationId ? `/${conversationId}` : ""}${writeQuery(next)}`);
  return { query, search: written, setQuery };
}

interface Inbox {
  rows: readonly ConversationSummary[];
  pending: boolean;
  error: Error | null;
  retry: () => void;
  more: (() => void) | null;
}

/**
 * The rows of a view, narrowed by filters, or whose customer or last message holds `q`. Pages come
 * by REST, changes by the socket; what is searched for keeps the server's order.
 */
export function useInbox(query: InboxQuery, q: string, now: number): Inbox {
  const me = useMe();
  const desk = useDesk();
  const inbox = useDeskState((state) => state.inbox);
  const rules = useDeskInfo().data?.rules;
  const plain = !q && !isNarrowed(query);
  const pages = useInfiniteQuery({
    queryKey: ["inbox", query, q],
    queryFn: ({ pageParam, signal }) =>
      api<InboxPage>("/api/conversations", { query: { ...query, ...(q && { view: "all", q }), before: pageParam }, signal }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    staleTime: 0,
  });
  const loaded = pages.data?.pages;
  useEffect(() => {
    if (!loaded || !plain) return;
    for (const [index, page] of loaded.entries()) desk.page(query.view, page, index === 0);
  }, [desk, loaded, query.view, plain]);
  const found = useMemo(() => loaded?.flatMap((page) => page.items) ?? [], [loaded]);
  const minute = Math.floor(now / 60_000);
  const rows = useMemo(() => {
    if (q) return found.map((row) => inbox.rows.get(row.id) ?? row);
    if (plain) return rowsOf(inbox, query.view, me.id);
    return narrowed(inbox, query.view, me.id, found, (row) => fits(row, query, rules, Date.now()));
    // Whether something is overdue is looked at again each minute.
  }, [inbox, found, q, plain, query, rules, me.id, minute]);
  return {
    rows,
    pending: pages.isPending,
    error: pages.error,
    retry: () => void pages.refetch(),
    more: pages.hasNextPage && !pages.isFetchingNextPage ? () => void pages.fetchNextPage() : null,
  };
}
