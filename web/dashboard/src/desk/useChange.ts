import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ConversationSummary } from "../../../shared/events";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { useDesk } from "../live/context";
import { wordsOf } from "../shell/Failure";

export interface Change {
  priority?: ConversationSummary["priority"];
  tags?: readonly string[];
  team_id?: string | null;
  snoozed_until?: string | null;
  held?: boolean;
}

/** Change what is set on a conversation; the row is new at once, or the refusal is told. */
export function useChange(id: string) {
  const { t } = useI18n();
  const desk = useDesk();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (change: Change) =>
      api<{ conversation: ConversationSummary }>(`/api/conversations/${id}`, { method: "PATCH", body: change }),
    onSuccess: ({ conversation }, change) => {
      desk.row(conversation);
      if (change.tags) void queries.invalidateQueries({ queryKey: ["desk"] });
    },
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
}
