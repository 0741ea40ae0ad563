import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import type { Language } from "../../../shared/events";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { wordsOf } from "../shell/Failure";

const HAN = /\p{Script=Han}/u;

/** Of the two that are spoken here; null for what is neither (a number, a face). */
export function languageOf(text: string): Language | null {
  if (HAN.test(text)) return "zh";
  return /\p{Letter}{2}/u.test(text) ? "en" : null;
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
