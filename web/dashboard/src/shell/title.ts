import { useEffect } from "react";
import { useDeskState } from "../live/context";
import { belongs } from "../live/inbox";
import { useMe } from "./session";

/** `(3) Lingxi`: customers who wait for somebody, and unread messages in my own chats. */
export function useTitle(): void {
  const me = useMe();
  // A number, not the rows: they change with every message, and this stands at the top of the page.
  const waiting = useDeskState(({ inbox }) => {
    let count = inbox.counts.queued ?? 0;
    for (const row of inbox.rows.values()) if (row.unread > 0 && belongs(row, "mine", me.id)) count += 1;
    return count;
  });
  useEffect(() => {
    document.title = waiting > 0 ? `(${waiting}) Lingxi` : "Lingxi";
  }, [waiting]);
}
