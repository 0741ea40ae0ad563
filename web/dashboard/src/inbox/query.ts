import type { ConversationSummary } from "../../../shared/events";
import { isOverdue, type Rules } from "../desk/clocks";
import { type View, VIEWS } from "../live/inbox";

export const PRIORITIES = ["urgent", "high", "normal", "low"] as const;

/** What narrows a view; the server's names, so that a saved view is sent as it is. */
export interface Filters {
  tag?: string;
  priority?: ConversationSummary["priority"];
  team_id?: string;
  agent_id?: string;
  language?: ConversationSummary["language"];
  sentiment?: ConversationSummary["sentiment"];
  overdue?: boolean;
}

export interface InboxQuery extends Filters {
  view: View;
}

const NAMES = ["tag", "priority", "team_id", "agent_id", "language", "sentiment"] as const;

export function parseQuery(params: URLSearchParams): InboxQuery {
  const asked = params.get("view");
  const query: Record<string, string | boolean> = { view: VIEWS.find((one) => one === asked) ?? "queued" };
  for (const name of NAMES) {
    const value = params.get(name);
    if (value) query[name] = value;
  }
  if (params.get("overdue") === "true") query["overdue"] = true;
  return query as unknown as InboxQuery;
}

/** `?view=...&tag=...`: the address of a view, kept while walking through its conversations. */
export function writeQuery(query: InboxQuery): string {
  const params = new URLSearchParams({ view: query.view });
  for (const name of NAMES) {
    const value = query[name];
    if (value) params.set(name, value);
  }
  if (query.overdue) params.set("overdue", "true");
  return `?${params.toString()}`;
}

export function filtersOf({ view: _view, ...filters }: InboxQuery): Filters {
  return filters;
}

export function isNarrowed(query: InboxQuery): boolean {
  return Object.keys(filtersOf(query)).length > 0;
}

/** By the same rule as the server's. */
export function fits(row: ConversationSummary, query: InboxQuery, rules: Rules | undefined, now: number): boolean {
  return (
    (!query.tag || row.tags.includes(query.tag)) &&
    (!query.priority || row.priority === query.priority) &&
    (!query.team_id || row.team_id === query.team_id) &&
    (!query.agent_id || row.agent_id === query.agent_id) &&
    (!query.language || row.language === query.language) &&
    (!query.sentiment || row.sentiment === query.sentiment) &&
    (!query.overdue || isOverdue(row, rules, now))
  );
}
