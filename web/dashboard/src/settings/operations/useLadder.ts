import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import { useSaved } from "../useSaved";

export const PARTS = ["understanding", "generation", "actions", "voice", "database", "hub"] as const;
export type Part = (typeof PARTS)[number];

export interface Rung {
  part: Part;
  state: "working" | "weak" | "away" | "unused";
  kind: string;
  took_ms: number | null;
  drill_until: string | null;
  can_drill: boolean;
}

export interface Ladder {
  rungs: Rung[];
  checked_at: string;
  sockets: number;
  turns_running: number;
  free_disk_mb: number;
}

const KEY = ["operations"];
const PATH = "/api/operations";
const EVERY_MS = 3_000;

export function useLadder() {
  return useQuery({ queryKey: KEY, queryFn: () => api<Ladder>(PATH), refetchInterval: EVERY_MS });
}

export function useDrills() {
  const start = useSaved(({ part, seconds }: { part: Part; seconds: number }) => api(`${PATH}/drills/${part}`, { body: { seconds } }), { stale: [KEY] });
  const end = useSaved((part: Part) => api(`${PATH}/drills/${part}`, { method: "DELETE" }), { stale: [KEY] });
  return { start, end };
}
