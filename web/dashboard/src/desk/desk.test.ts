import { expect, test } from "vitest";
import type { ConversationSummary, WireNote } from "../../../shared/events";
import { plainContent } from "../../../shared/content";
import { fits, parseQuery, writeQuery } from "../inbox/query";
import { snippet } from "../inbox/snippet";
import { fillCanned, orderIn, unfilled } from "../thread/canned";
import { calledIn, completeMention, mentionQuery } from "../thread/mentions";
import { snoozes } from "../thread/snoozes";
import { selectedSpan, withSpan } from "../thread/spans";
import { timeline } from "../thread/timeline";
import { replyClock, resolutionClock, type Rules, toneOf } from "./clocks";

const promise = { first_reply_min: 5, next_reply_min: 10, resolution_min: 60 };
const rules: Rules = {
  auto_assign: false, method: "least_loaded", max_chats: 6, raise_falling_mood: true,
  promises: { low: promise, normal: promise, high: promise, urgent: { ...promise, first_reply_min: 1 } },
};
const AT = "2026-01-01T00:00:00Z";
const row = (more: Partial<ConversationSummary> = {}) =>
  ({ id: "a", priority: "normal", tags: [], responded: false, awaiting_since: AT, human_since: AT, held_at: null, held_s: 0, language: "zh", ...more }) as ConversationSummary;
const minutes = (count: number) => Date.parse(AT) + count * 60_000;

test("the reply clock follows urgency and whether somebody has spoken; none runs while nobody waits", () => {
  expect(replyClock(row(), rules)?.due).toBe(minutes(5));
  expect(replyClock(row({ priority: "urgent" }), rules)?.due).toBe(minutes(1));
  expect(replyClock(row({ responded: true }), rules)?.due).toBe(minutes(10));
  expect(replyClock(row({ awaiting_since: null }), rules)).toBeNull();
  const clock = replyClock(row(), rules);
  expect([1, 4, 6].map((at) => clock && toneOf(clock, minutes(at)))).toEqual(["calm", "warn", "bad"]);
});

test("time on hold is not counted to the end", () => {
  expect(resolutionClock(row({ held_s: 120 }), rules)?.due).toBe(minutes(62));
  expect(resolutionClock(row({ held_at: AT }), rules)).toBeNull();
});

test("a view's address comes back as it went out, and narrows as the server does", () => {
  const query = parseQuery(new URLSearchParams("?view=mine&tag=%E9%80%80%E6%AC%BE&overdue=true&nonsense=1"));
  expect(query).toEqual({ view: "mine", tag: "退款", overdue: true });
  expect(parseQuery(new URLSearchParams(writeQuery(query)))).toEqual(query);
  expect(fits(row({ tags: ["退款"] }), query, rules, minutes(6))).toBe(true);
  expect(fits(row({ tags: ["退款"] }), query, rules, minutes(4))).toBe(false);
  expect(fits(row(), query, rules, minutes(6))).toBe(false);
});

test("a snippet begins near the hit and marks every one", () => {
  const pieces = snippet(`${"很长的开头".repeat(10)}我要退款，退款多久`, "退款");
  expect(pieces[0]?.text.startsWith("…")).toBe(true);
  expect(pieces.filter(({ marked }) => marked).map(({ text }) => text)).toEqual(["退款", "退款"]);
  expect(snippet("a (b", "(b").at(-1)).toEqual({ text: "(b", marked: true });
});

test("a mention is the whole name, the longest first, also right behind Chinese punctuation", () => {
  expect(mentionQuery("请看，@小")).toBe("小");
  expect(mentionQuery("me@example")).toBeNull();
  expect(completeMention("ask @Bo", "Bob Li")).toBe("ask @Bob Li ");
  const agents = [{ id: "1", name: "Bob" }, { id: "2", name: "Bob Li" }];
  expect(calledIn("ask @Bob Li please", agents)).toEqual(["2"]);
  expect(calledIn("ask Bob", agents)).toEqual([]);
});

test("what a canned reply names and nobody knows must be filled in by hand", () => {
  expect(fillCanned("{{name}} {{order}}", { name: "Li", order: "" })).toBe("Li {{order}}");
  expect(unfilled("Li {{order}}")).toBe("{{order}}");
  expect(unfilled("Vue's {{ template }}")).toBeNull();
  expect(orderIn({ language: "zh", order_number: "A1" })).toBe("A1");
});

test("a note stands below the message after which it was written", () => {
  const message = (seq: number) => ({ id: `m${seq}`, conversation_id: "c", seq, author: { type: "visitor", id: "v", name: "" } as const, content: plainContent("x"), created_at: AT, client_msg_id: null, voice_url: null, feedback: null });
  const note = (id: string, after_seq: number) => ({ id, after_seq }) as WireNote;
  const keys = timeline([message(1), message(2)], [], [note("n0", 0), note("n1", 1), note("n2", 2)]).map(({ key }) => key);
  expect(keys).toEqual(["n0", "day-1", "m1", "n1", "m2", "n2"]);
});

test("spans count code points, and a new one makes others give way", () => {
  expect(selectedSpan("😡A1", 2, 4)).toEqual({ start: 1, end: 3 });
  expect(selectedSpan("abc", 1, 1)).toBeNull();
  expect(withSpan([{ start: 0, end: 2 }, { start: 3, end: 4 }], { start: 1, end: 3 })).toEqual([{ start: 1, end: 3 }, { start: 3, end: 4 }]);
});

test("what is put off is put off to the future, and to each day once", () => {
  for (const now of [new Date(2026, 0, 4, 23), new Date(2026, 0, 5, 8), new Date(2026, 0, 9, 17, 30)]) {
    const moments = snoozes(now).map(({ at }) => at.getTime());
    expect(moments.every((at) => at > now.getTime())).toBe(true);
    expect(new Set(moments).size).toBe(moments.length);
  }
});
