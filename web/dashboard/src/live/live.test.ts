import { plainContent } from "../../../shared/content";
import { expect, test } from "vitest";
import type { ConversationSummary, Message } from "../../../shared/events";
import { cut } from "../thread/EntityText";
import { cannedQuery, fillCanned } from "../thread/canned";
import { alertFor, emptyInbox, foldPage, foldRow, rowsOf } from "./inbox";
import { Outgoing } from "./outgoing";
import { emptyThread, gapAfter, reduceThread } from "./thread";

const row = (id: string, more: Partial<ConversationSummary> = {}): ConversationSummary => ({
  id, owner: "bot", agent_id: null, agent_name: null, visitor_id: `v${id}`, visitor_name: id, language: "zh",
  last_message: "", last_author: "visitor", last_at: "2026-01-01T00:00:00Z", last_seq: 1, unread: 0,
  waiting_since: null, handoff_reason: null, sentiment: "neutral", rating: null, page_url: null,
  channel: "widget", priority: "normal", tags: [], team_id: null, snoozed_until: null, held_at: null, held_s: 0, human_since: null,
  awaiting_since: null, responded: false, ...more,
});
const message = (seq: number, clientMsgId: string | null = null): Message => ({
  id: `m${seq}`, conversation_id: "c", seq, author: { type: "visitor", id: "v", name: "" },
  content: plainContent(`${seq}`),
  created_at: "2026-01-01T00:00:00Z", client_msg_id: clientMsgId, voice_url: null, feedback: null,
});

test("a claimed row moves from the queue to mine, and the counts with it", () => {
  const queued = row("a", { owner: "queued", waiting_since: "2026-01-01T00:00:00Z" });
  let inbox = foldPage(emptyInbox, "queued", { items: [queued], counts: { queued: 1, mine: 0, all: 1 }, next: null }, true);
  inbox = foldPage(inbox, "mine", { items: [], counts: {}, next: null }, true);
  inbox = foldRow(inbox, row("a", { owner: "agent", agent_id: "me", last_seq: 2 }), "me");
  expect(rowsOf(inbox, "queued", "me")).toEqual([]);
  expect(rowsOf(inbox, "mine", "me").map(({ id }) => id)).toEqual(["a"]);
  expect(inbox.counts).toEqual({ queued: 0, mine: 1, all: 1 });
});

test("the queue shows who waits longest first, and an older row never overwrites a newer", () => {
  const late = row("late", { owner: "queued", waiting_since: "2026-01-01T00:02:00Z" });
  const early = row("early", { owner: "queued", waiting_since: "2026-01-01T00:01:00Z", last_seq: 5 });
  let inbox = foldPage(emptyInbox, "queued", { items: [late, early], counts: {}, next: null }, true);
  inbox = foldRow(inbox, row("early", { owner: "bot", last_seq: 4 }), "me");
  expect(rowsOf(inbox, "queued", "me").map(({ id }) => id)).toEqual(["early", "late"]);
});

test("entering the queue rings, and what is handed to me", () => {
  const before = row("a");
  const queued = row("a", { owner: "queued" });
  expect(alertFor(before, queued, "me")?.kind).toBe("queued");
  expect(alertFor(queued, queued, "me")).toBeNull();
  const theirs = row("a", { owner: "agent", agent_id: "another" });
  const mine = row("a", { owner: "agent", agent_id: "me" });
  expect(alertFor(theirs, mine, "me")?.kind).toBe("given");
  expect([alertFor(mine, mine, "me"), alertFor(mine, theirs, "me")]).toEqual([null, null]);
});

test("an ack turns the optimistic copy into a message once, whichever comes first", () => {
  const pending = { clientMsgId: "client-1", text: "hi", files: [], quote: null, createdAt: "", state: "sending", words: null } as const;
  const ack = { type: "ack", client_msg_id: "client-1", seq: 1, message_id: "m1", created_at: "" } as const;
  const me = { type: "agent", id: "me", name: "" } as const;
  const sent = reduceThread(emptyThread("c"), { type: "pending", pending: [pending] });
  const acked = reduceThread(sent, { type: "ack", ack, me });
  const both = reduceThread(acked, { type: "message", message: message(1, "client-1") });
  expect([both.messages.length, both.pending.length]).toEqual([1, 0]);
  const other = reduceThread(reduceThread(sent, { type: "message", message: message(1, "client-1") }), { type: "ack", ack, me });
  expect([other.messages.length, other.pending.length]).toEqual([1, 0]);
});

test("a hole in seq is noticed, and filled in order", () => {
  let thread = reduceThread(emptyThread("c"), { type: "loaded", items: [message(1), message(4)], reachedStart: true });
  expect(gapAfter(thread.messages)).toBe(1);
  thread = reduceThread(thread, { type: "loaded", items: [message(2), message(3)], reachedStart: false });
  expect(thread.messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(gapAfter(thread.messages)).toBeNull();
});

test("entity offsets count code points, so an emoji before them moves nothing", () => {
  const entity = { entity: "order", start: 2, end: 4, text: "A1", value: "A1", confidence: 1, extractor: "regex" };
  expect(cut("😡单A1退", [entity]).map(({ text }) => text)).toEqual(["😡单", "A1", "退"]);
});

test("a canned reply is asked for at the start alone, and filled in", () => {
  expect(cannedQuery("/He")).toBe("he");
  expect(cannedQuery("1/2")).toBeNull();
  expect(fillCanned("{{name}} {{x}}", { name: "Li" })).toBe("Li {{x}}");
});

test("what I wrote and left unconfirmed is sent again by the next connection, wherever I am by then", () => {
  const sent: unknown[] = [];
  const outgoing = new Outgoing((event) => sent.push(event) > 0, () => undefined);
  outgoing.put("c", { clientMsgId: "client-1", text: "hi", files: [], quote: null, createdAt: "", state: "sending", words: null });
  outgoing.resend();
  expect(sent).toHaveLength(2);
  expect(sent[1]).toEqual(sent[0]);
  expect(outgoing.of("c")).toHaveLength(1);
  expect(outgoing.of("another")).toEqual([]);
  outgoing.settled("client-1");
  outgoing.resend();
  expect([sent.length, outgoing.of("c").length]).toEqual([2, 0]);
});
