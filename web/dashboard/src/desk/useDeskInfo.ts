import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import type { Rules } from "./clocks";

export interface Team {
  id: string;
  name: string;
  intents: string[];
  agent_ids: string[];
}

export interface DeskInfo {
  rules: Rules;
  teams: Team[];
  skills: { name: string; intents: string[] }[];
  tags: string[];
}

/** Rules, teams and tags: asked for once, and again when somebody may have changed them. */
export function useDeskInfo() {
  return useQuery({ queryKey: ["desk"], queryFn: () => api<DeskInfo>("/api/desk"), staleTime: 60_000 });
}
