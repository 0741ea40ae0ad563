import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError, api } from "../../api/client";
import { useI18n } from "../../i18n";
import { wordsOf } from "../../shell/Failure";
import type { SynonymGroup } from "./types";

interface Put {
  /** None for a new group. */
  id?: string;
  /** None to take the group away. */
  words?: string[];
}

/** Adds, changes or takes away a group; the test questions may hold it back. */
export function usePutSynonyms() {
  const { t } = useI18n();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, words }: Put) => {
      const path = `/api/faq/synonyms${id ? `/${id}` : ""}`;
      return words ? api<SynonymGroup>(path, { method: id ? "PUT" : "POST", body: { words } }) : api(path, { method: "DELETE" });
    },
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["faq"] }),
    onError: (error) => {
      const blocked = error instanceof ApiError && error.code === "check_failed";
      notifications.show({ color: "red", message: blocked ? t("synonyms.blocked") : wordsOf(error, t), autoClose: 8_000 });
    },
  });
}
