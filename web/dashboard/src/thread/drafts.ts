const PREFIX = "lingxi.dashboard.draft.";

/** What was typed and not sent, by conversation, until the tab closes. */
export const drafts = {
  get(conversationId: string): string {
    return sessionStorage.getItem(PREFIX + conversationId) ?? "";
  },
  set(conversationId: string, text: string): void {
    if (text) sessionStorage.setItem(PREFIX + conversationId, text);
    else sessionStorage.removeItem(PREFIX + conversationId);
  },
};
