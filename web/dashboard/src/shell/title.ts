import { useEffect } from "react";
import { useDeskState } from "../live/context";
import { belongs } from "../live/inbox";
import { useMe } from "./session";

/** `(3) Lingxi`: customers who wait for somebody, and unread messages in my own chats. */
export function useTitle(): void {
  const me = useMe();
  const rows = useDeskState((state) => state.inbox.rows);
  const queued = useDeskState((state) => state.inbox.counts.queued ?? 0);
  let waiting = queued;
  for (const row of rows.values()) if (row.unread > 0 && belongs(row, "mine", me.id)) waiting += 1;
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) Lingxi` : "Lingxi";
  }, [waiting]);
}
