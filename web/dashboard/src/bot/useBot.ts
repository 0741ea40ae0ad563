import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { wordsOf } from "../shell/Failure";
import type { BotData, Comparison, Run } from "./types";

const WATCH_EVERY_MS = 1_000;
const KEY = ["bot"];

/** The bot, asked again every second while something is trained. */
export function useBot() {
  return useQuery({
    queryKey: KEY,
    queryFn: () => api<BotData>("/api/bot"),
    refetchInterval: (query) => (query.state.data?.run?.state === "running" ? WATCH_EVERY_MS : false),
    staleTime: 0,
  });
}

export function useComparison(left: string | null, right: string | null) {
  return useQuery({
    queryKey: [...KEY, "compare", left, right],
    queryFn: () => api<Comparison>("/api/bot/compare", { query: { left, right } }),
    enabled: left !== null && right !== null,
  });
}

/** What may be done to models; each is followed by a fresh look. */
export function useBotSteps() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const told = {
    onSuccess: () => queries.invalidateQueries({ queryKey: KEY }),
    onError: (error: unknown) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  };
  const train = useMutation({ mutationFn: (body: { profile: "fast" | "best"; corrections: boolean }) => api<Run>("/api/bot/run", { body }), ...told });
  const stop = useMutation({ mutationFn: () => api("/api/bot/run", { method: "DELETE" }), ...told });
  const judge = useMutation({ mutationFn: (id: string) => api<Run>(`/api/bot/models/${id}/judge`, { method: "POST" }), ...told });
  const putLive = useMutation({
    mutationFn: (id: string) => api<BotData>(`/api/bot/models/${id}/live`, { method: "POST" }),
    ...told,
    onSuccess: (bot) => {
      queries.setQueryData(KEY, bot);
      notifications.show({ color: "green", message: t("bot.now_live") });
    },
  });
  return { train, stop, judge, putLive };
}
