import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";

export const SCOPES = ["chat", "conversations", "nlu", "models", "knowledge:read", "knowledge:write"] as const;
export type Scope = (typeof SCOPES)[number];

export const EVENTS = ["conversation.opened", "handoff.requested", "conversation.assigned", "message.created", "conversation.closed", "conversation.rated"] as const;
export type Event = (typeof EVENTS)[number];

export interface ApiKey {
  id: string;
  name: string;
  hint: string;
  scopes: Scope[];
  created_by: string;
  created_at: string;
  last_used_at: string | null;
  expires_at: string | null;
  revoked_at: string | null;
}

export interface Webhook {
  id: string;
  name: string;
  url: string;
  events: Event[];
  enabled: boolean;
  disabled_reason: "failing" | "gone" | null;
  failures: number;
  failing_since: string | null;
  waiting: number;
}

export interface Delivery {
  id: string;
  event: string;
  conversation_id: string | null;
  state: "pending" | "delivered" | "failed";
  attempts: number;
  created_at: string;
  next_at: string | null;
  status: number | null;
  error: string | null;
  duration_ms: number | null;
}

export interface Outcome {
  delivered: boolean;
  status: number | null;
  error: string | null;
  duration_ms: number;
}

/** Shown once. */
export interface Made {
  id: string;
  secret: string;
}

export const KEYS = ["keys"];
export const WEBHOOKS = ["webhooks"];

export function useKeys() {
  return useQuery({ queryKey: KEYS, queryFn: () => api<{ items: ApiKey[] }>("/api/keys").then(({ items }) => items) });
}

export function useWebhooks() {
  return useQuery({ queryKey: WEBHOOKS, queryFn: () => api<{ items: Webhook[] }>("/api/webhooks").then(({ items }) => items), refetchInterval: 10_000 });
}

export function useDeliveries(id: string) {
  return useInfiniteQuery({
    queryKey: [...WEBHOOKS, id],
    queryFn: ({ pageParam }) => api<{ items: Delivery[]; next: string | null }>(`/api/webhooks/${id}/deliveries`, { query: { before: pageParam } }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    refetchInterval: 5_000,
  });
}
