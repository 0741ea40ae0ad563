import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { Language } from "../../../shared/events";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { languageOf } from "../knowledge/editor/draft";
import { wordsOf } from "../shell/Failure";

/** Null for what is in no language: a number, a face. */
export function spokenIn(text: string): Language | null {
  return /\p{Script=Han}|\p{Letter}{2}/u.test(text) ? languageOf(text) : null;
}

/** Whether words can be translated and polished: it takes a large language model. */
export function useWordingAvailable(): boolean {
  const asked = useQuery({
    queryKey: ["wording"],
    queryFn: () => api<{ available: boolean }>("/api/wording"),
    staleTime: Infinity,
    retry: false,
  });
  return asked.data?.available ?? false;
}

type Work = { text: string; to: Language } | { text: string };

/** Other words for a text: in the language `to`, or, without it, in the house's tone. */
export function useWording() {
  const { t } = useI18n();
  return useMutation({
    mutationFn: (body: Work) =>
      api<{ text: string }>(`/api/wording/${"to" in body ? "translate" : "tone"}`, { body }),
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
}
