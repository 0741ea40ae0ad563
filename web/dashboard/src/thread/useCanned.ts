import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import type { Canned } from "../api/types";

export function useCanned() {
  return useQuery({
    queryKey: ["canned"],
    queryFn: () => api<{ items: Canned[] }>("/api/canned").then(({ items }) => items),
    staleTime: 60_000,
  });
}
