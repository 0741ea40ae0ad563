import type { EntrySummary, Shown } from "./types";

/** What a list says of an entry: its status, or why what is published does not reach customers. */
export function shownStatus(
  entry: Pick<EntrySummary, "status" | "published_version" | "valid_from" | "valid_until">,
  nowMs: number,
): Shown | "scheduled" {
  if (entry.published_version !== null) {
    if (entry.valid_until && Date.parse(entry.valid_until) <= nowMs) return "expired";
    if (entry.valid_from && Date.parse(entry.valid_from) > nowMs) return "scheduled";
  }
  return entry.status;
}
