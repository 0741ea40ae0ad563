import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import { useDeskInfo } from "../../desk/useDeskInfo";
import type { Language } from "../../../../shared/events";
import type { Colleague } from "../staff";

/** What an agent takes when chats are given out. */
export interface Routing {
  languages: Language[];
  skills: string[];
  max_chats: number | null;
}

export type Routed = Colleague & Routing;

export const DESK = ["desk"];
export const STAFF = ["staff"];

/** Those who can be given a chat. */
export function useRouted() {
  return useQuery({
    queryKey: STAFF,
    queryFn: () => api<{ items: Routed[] }>("/api/staff").then(({ items }) => items),
    select: (items) => items.filter(({ disabled }) => !disabled),
  });
}

/** What chats are routed by: the intents of the bot, and the tags there are. */
export function useSubjects(): string[] {
  const labels = useQuery({ queryKey: ["labels"], queryFn: () => api<{ intents: string[] }>("/api/nlu/labels"), staleTime: Infinity });
  const desk = useDeskInfo();
  return [...new Set([...(labels.data?.intents ?? []), ...(desk.data?.tags ?? [])])];
}
