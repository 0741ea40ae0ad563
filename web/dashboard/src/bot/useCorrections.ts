import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { wordsOf } from "../shell/Failure";
import type { Correction } from "./types";

const KEY = ["corrections"];

export function useCorrections() {
  return useQuery({ queryKey: KEY, queryFn: () => api<{ items: Correction[] }>("/api/nlu/corrections").then(({ items }) => items), staleTime: 0 });
}

export function useForgetCorrection() {
  const { t } = useI18n();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => api(`/api/nlu/corrections/${id}`, { method: "DELETE" }),
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
}
