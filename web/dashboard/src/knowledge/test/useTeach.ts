import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError, api } from "../../api/client";
import { useI18n } from "../../i18n";
import { wordsOf } from "../../shell/Failure";
import { isSupervisor, useMe } from "../../shell/session";
import { languageOf, withPhrasings } from "../editor/draft";
import type { Case } from "../regression/types";
import type { EntryDetail, EntryOut } from "../types";

interface Taught {
  query: string;
  entryId: string;
}

/** Make a question one more phrasing of an entry: live at once where the entry is, and who asks may. */
export function useAddPhrasing() {
  const { t } = useI18n();
  const queries = useQueryClient();
  const supervisor = isSupervisor(useMe());
  return useMutation({
    mutationFn: async ({ query, entryId }: Taught) => {
      const path = `/api/faq/${encodeURIComponent(entryId)}`;
      const entry = await api<EntryDetail>(path);
      const language = languageOf(query);
      const questions = { ...entry.content.questions, [language]: withPhrasings(entry.content.questions[language] ?? [], [query]) };
      // A draft that somebody is still writing does not go live by the way.
      const publish = supervisor && entry.status === "published";
      return api<EntryOut>(path, { method: "PUT", body: { content: { ...entry.content, questions }, version: entry.version, publish } });
    },
    onSuccess: (entry) => {
      void queries.invalidateQueries({ queryKey: ["faq"] });
      notifications.show({ color: "green", message: t(entry.status === "published" ? "test.phrasing_live" : "test.phrasing_draft") });
    },
    onError: (error) => {
      const blocked = error instanceof ApiError && error.code === "check_failed";
      notifications.show({ color: "red", message: blocked ? t("test.phrasing_blocked") : wordsOf(error, t), autoClose: 8_000 });
    },
  });
}

/** Put a question into the regression set; without an entry none may answer it. */
export function useAddCase() {
  const { t } = useI18n();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ query, entryId }: { query: string; entryId: string | null }) => api<Case>("/api/faq/cases", { body: { query, entry_id: entryId } }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["faq", "cases"] });
      notifications.show({ color: "green", message: t("test.case_added") });
    },
    onError: (error) => {
      const known = error instanceof ApiError && error.code === "exists";
      notifications.show({ color: known ? "iris" : "red", message: known ? t("test.case_known") : wordsOf(error, t) });
    },
  });
}
