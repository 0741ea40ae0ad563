import type { Language } from "../shared/events";
import type { KeyValue } from "../shared/outbox";

/** What a customer chose in the menu; kept in this frame's storage. */
export interface Preferences {
  language: Language | null;
  sound: boolean;
  autoplay: boolean;
  speed: number;
}

export const PREFERENCES_KEY = "lingxi.preferences";
const DRAFT_KEY = "lingxi.draft";
export const SEEN_KEY = "lingxi.seen";

export function loadPreferences(storage: KeyValue): Preferences {
  const fresh: Preferences = { language: null, sound: true, autoplay: false, speed: 1 };
  try {
    return { ...fresh, ...(JSON.parse(storage.getItem(PREFERENCES_KEY) ?? "{}") as Partial<Preferences>) };
  } catch {
    return fresh;
  }
}

export function savePreferences(storage: KeyValue, preferences: Preferences): void {
  storage.setItem(PREFERENCES_KEY, JSON.stringify(preferences));
}

export function loadDraft(storage: KeyValue): string {
  return storage.getItem(DRAFT_KEY) ?? "";
}

export function saveDraft(storage: KeyValue, text: string): void {
  if (text === "") storage.removeItem(DRAFT_KEY);
  else storage.setItem(DRAFT_KEY, text);
}

/** Up to which `seq` of a conversation the customer has had the panel open. */
export function seenSeq(storage: KeyValue, conversationId: string): number {
  const [id, seq] = (storage.getItem(SEEN_KEY) ?? "").split(" ");
  return id === conversationId ? Number(seq) || 0 : 0;
}

export function saveSeen(storage: KeyValue, conversationId: string, seq: number): void {
  storage.setItem(SEEN_KEY, `${conversationId} ${seq}`);
}
