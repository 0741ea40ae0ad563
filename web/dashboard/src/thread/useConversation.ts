import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { api } from "../api/client";
import type { ConversationDetail } from "../api/types";
import { useDesk, useDeskState } from "../live/context";

/** The conversation with its customer and its handoff; asked again when the owner changes. */
export function useConversation(id: string) {
  const desk = useDesk();
  const owner = useDeskState((state) => state.inbox.rows.get(id)?.owner);
  const query = useQuery({
    queryKey: ["conversation", id],
    queryFn: () => api<ConversationDetail>(`/api/conversations/${id}`),
  });
  const { data, refetch } = query;
  useEffect(() => {
    if (data) desk.row(data.conversation);
  }, [desk, data]);
  useEffect(() => {
    if (owner && data && owner !== data.conversation.owner) void refetch();
    // Only a change of owner asks again; new data alone must not.
  }, [owner]);
  return query;
}
