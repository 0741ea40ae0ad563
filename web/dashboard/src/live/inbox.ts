import type { ConversationSummary } from "../../../shared/events";

export const VIEWS = ["mine", "queued", "mentioned", "snoozed", "bot", "all", "closed"] as const;
export type View = (typeof VIEWS)[number];
export type Counts = Partial<Record<View, number>>;

interface Loaded {
  /** Rows older than this have not been asked for; null when everything has been. */
  next: string | null;
  /** Ids that the server listed, whatever `next` says. */
  ids: ReadonlySet<string>;
}

export interface InboxState {
  rows: ReadonlyMap<string, ConversationSummary>;
  views: Partial<Record<View, Loaded>>;
  counts: Counts;
  /** Conversations with a note that calls me and that I have not read. */
  called: ReadonlySet<string>;
}

export interface Page {
  items: readonly ConversationSummary[];
  counts: Counts;
  next: string | null;
}

export const emptyInbox: InboxState = { rows: new Map(), views: {}, counts: {}, called: new Set() };

const NOBODY: ReadonlySet<string> = new Set();

/** Whether a row belongs into a view, by the same rule as the server's. */
export function belongs(row: ConversationSummary, view: View, me: string, called: ReadonlySet<string> = NOBODY): boolean {
  switch (view) {
    case "mine":
      return row.owner === "agent" && row.agent_id === me && row.snoozed_until === null;
    case "snoozed":
      return row.owner === "agent" && row.agent_id === me && row.snoozed_until !== null;
    case "mentioned":
      return called.has(row.id);
    case "queued":
      return row.owner === "queued";
    case "bot":
      return row.owner === "bot";
    case "closed":
      return row.owner === "closed";
    case "all":
      return row.owner !== "closed";
  }
}

/** A row that is older than the one we hold must not overwrite it: REST and socket race. */
function isNewer(row: ConversationSummary, known: ConversationSummary | undefined): boolean {
  return !known || row.last_seq >= known.last_seq;
}

export function foldPage(state: InboxState, view: View, page: Page, first: boolean): InboxState {
  const rows = new Map(state.rows);
  for (const row of page.items) if (isNewer(row, rows.get(row.id))) rows.set(row.id, row);
  const before = first ? [] : (state.views[view]?.ids ?? []);
  return {
    ...state,
    rows,
    views: {
      ...state.views,
      [view]: { next: page.next, ids: new Set([...before, ...page.items.map((row) => row.id)]) },
    },
    counts: { ...state.counts, ...page.counts },
  };
}

function shifted(
  counts: Counts,
  before: ConversationSummary | undefined,
  after: ConversationSummary,
  me: string,
): Counts {
  const next = { ...counts };
  for (const view of VIEWS) {
    const change = Number(belongs(after, view, me)) - Number(before ? belongs(before, view, me) : 0);
    const count = next[view];
    if (change !== 0 && count !== undefined) next[view] = Math.max(0, count + change);
  }
  return next;
}

/**
 * Fold in one changed row. Counts follow when we knew the row before, or when it is brand new
 * (`known` false and its first messages); the caller asks the server for counts otherwise.
 */
export function foldRow(state: InboxState, row: ConversationSummary, me: string): InboxState {
  const before = state.rows.get(row.id);
  if (!isNewer(row, before)) return state;
  const rows = new Map(state.rows);
  rows.set(row.id, row);
  return { ...state, rows, counts: before ? shifted(state.counts, before, row, me) : state.counts };
}

/** Moments of the server are written alike, so that they sort as text; parsing 500 a frame is slow. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const RANKS: Record<ConversationSummary["priority"], number> = { low: 0, normal: 1, high: 2, urgent: 3 };

/** The most urgent first, of those the longest waiting: the order of the queue. */
function byWaiting(a: ConversationSummary, b: ConversationSummary): number {
  if (a.priority !== b.priority) return RANKS[b.priority] - RANKS[a.priority];
  return compare(a.waiting_since ?? a.last_at, b.waiting_since ?? b.last_at) || compare(a.id, b.id);
}

function byLatest(a: ConversationSummary, b: ConversationSummary): number {
  return compare(b.last_at, a.last_at) || compare(a.id, b.id);
}

/**
 * The rows of a view in the order shown: the queue oldest waiting first, the rest latest first.
 * While older pages are not loaded, rows known from elsewhere that would fall behind the last
 * loaded one are held back, so that loading more never inserts above what was already read.
 */
export function rowsOf(state: InboxState, view: View, me: string): readonly ConversationSummary[] {
  const loaded = state.views[view];
  if (!loaded) return [];
  let rows = [...state.rows.values()].filter((row) => belongs(row, view, me, state.called));
  if (view === "queued") return rows.sort(byWaiting);
  if (loaded.next !== null) {
    let oldest: string | null = null;
    for (const id of loaded.ids) {
      const row = state.rows.get(id);
      if (row && (oldest === null || row.last_at < oldest)) oldest = row.last_at;
    }
    rows = rows.filter((row) => loaded.ids.has(row.id) || oldest === null || row.last_at >= oldest);
  }
  return rows.sort(byLatest);
}

/** The rows of a narrowed view: those the server found, and those known here that fit as well. */
export function narrowed(
  state: InboxState,
  view: View,
  me: string,
  found: readonly ConversationSummary[],
  fits: (row: ConversationSummary) => boolean,
): readonly ConversationSummary[] {
  const rows = new Map(found.map((row) => [row.id, state.rows.get(row.id) ?? row]));
  for (const row of state.rows.values()) rows.set(row.id, row);
  const kept = [...rows.values()].filter((row) => belongs(row, view, me, state.called) && fits(row));
  return kept.sort(view === "queued" ? byWaiting : byLatest);
}

export interface Alert {
  kind: "queued" | "message" | "woken" | "mentioned" | "given";
  row: Pick<ConversationSummary, "id" | "visitor_name" | "last_message">;
}

/** What of a change deserves the agent's attention: a new waiting customer, or an answer in my chat. */
export function alertFor(
  before: ConversationSummary | undefined,
  after: ConversationSummary,
  me: string,
): Alert | null {
  if (after.owner === "queued" && before?.owner !== "queued") return { kind: "queued", row: after };
  const mine = belongs(after, "mine", me);
  const others = before?.owner === "queued" || (before?.owner === "agent" && before.agent_id !== me);
  if (mine && others) return { kind: "given", row: after };
  if (mine && before?.snoozed_until && after.last_seq === before.last_seq) return { kind: "woken", row: after };
  const spoke = after.last_author === "visitor" && after.last_seq > (before?.last_seq ?? 0);
  if (spoke && mine) return { kind: "message", row: after };
  return null;
}
