import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";

export interface AuditRow {
  position: number;
  at: string;
  actor: string;
  actor_name: string | null;
  action: string;
  subject: string;
  subject_name: string | null;
  detail: Record<string, string | number | boolean | null>;
}

/** What the log is narrowed to; days are the reader's own. */
export interface Asked {
  actor: string | null;
  action: string | null;
  /** `YYYY-MM-DD`, both included. */
  days: [string | null, string | null];
}

export interface AuditState {
  entries: number;
  first_broken: number | null;
  actions: string[];
  actors: { id: string; name: string | null }[];
}

function midnight(day: string, later: number): string {
  const at = new Date(`${day}T00:00:00`);
  at.setDate(at.getDate() + later);
  return at.toISOString();
}

export function useAudit({ actor, action, days: [first, last] }: Asked) {
  const query = { actor, action, since: first && midnight(first, 0), until: (last ?? first) && midnight(last ?? (first as string), 1) };
  return useInfiniteQuery({
    queryKey: ["audit", query],
    queryFn: ({ pageParam }) => api<{ items: AuditRow[]; next: number | null }>("/api/audit", { query: { ...query, before: pageParam } }),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next,
    refetchOnWindowFocus: false,
  });
}

export function useAuditState() {
  return useQuery({ queryKey: ["audit-state"], queryFn: () => api<AuditState>("/api/audit/state"), refetchOnWindowFocus: false });
}
