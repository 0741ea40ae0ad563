import { useSyncExternalStore } from "react";

const PREFIX = "lingxi.dashboard.draft.";
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What was typed and not sent, by conversation, until the tab closes. */
export const drafts = {
  get(conversationId: string): string {
    return sessionStorage.getItem(PREFIX + conversationId) ?? "";
  },
  set(conversationId: string, text: string): void {
    const before = this.get(conversationId);
    if (text) sessionStorage.setItem(PREFIX + conversationId, text);
    else sessionStorage.removeItem(PREFIX + conversationId);
    if ((before === "") !== (text === "")) for (const listener of listeners) listener();
  },
};

/** Whether something waits there to be finished. */
export function useDrafted(conversationId: string): boolean {
  return useSyncExternalStore(subscribe, () => drafts.get(conversationId) !== "");
}
