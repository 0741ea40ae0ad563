import type { Key } from "../i18n";
import type { Figures } from "./types";

export type Kind = "count" | "share" | "seconds";

/** One headline figure: how it is read from a period, and which way is better. */
export interface Headline {
  name: string;
  kind: Kind;
  better: "up" | "down" | null;
  read: (figures: Figures) => number | null;
  /** Small print below it. */
  note?: { key: Key; values: (figures: Figures) => Record<string, number> };
}

function share(part: number, whole: number): number | null {
  return whole > 0 ? part / whole : null;
}

export const HEADLINES = [
  { name: "conversations", kind: "count", better: null, read: (f) => f.conversations, note: { key: "analytics.note.messages", values: (f) => ({ count: f.customer_messages }) } },
  { name: "by_bot", kind: "share", better: "up", read: (f) => share(f.resolved_by_bot, f.over), note: { key: "analytics.note.of", values: (f) => ({ part: f.resolved_by_bot, whole: f.over }) } },
  { name: "answered", kind: "share", better: "up", read: (f) => share(f.bot_answers - f.missed, f.bot_answers), note: { key: "analytics.note.missed", values: (f) => ({ count: f.missed }) } },
  { name: "satisfied", kind: "share", better: "up", read: (f) => share(f.satisfied, f.ratings), note: { key: "analytics.note.stars", values: (f) => ({ stars: f.stars ?? 0, count: f.ratings }) } },
  { name: "waiting", kind: "seconds", better: "down", read: (f) => f.waiting_s, note: { key: "analytics.note.left", values: (f) => ({ count: f.left_messages }) } },
  { name: "first_response", kind: "seconds", better: "down", read: (f) => f.first_response_s },
  { name: "resolution", kind: "seconds", better: "down", read: (f) => f.resolution_s },
  { name: "thumbs", kind: "share", better: "up", read: (f) => share(f.thumbs_up, f.thumbs_up + f.thumbs_down), note: { key: "analytics.note.thumbs", values: (f) => ({ up: f.thumbs_up, down: f.thumbs_down }) } },
] as const satisfies readonly Headline[];

/** `45 s`, `4.5 min`, `2 h`, `3 days`: two figures are enough to judge a wait. */
export function span(seconds: number, locale: string): string {
  const show = (value: number, unit: "second" | "minute" | "hour" | "day") =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value < 10 && unit !== "second" ? 1 : 0 }).format(value);
  if (seconds < 90) return show(seconds, "second");
  if (seconds < 90 * 60) return show(seconds / 60, "minute");
  if (seconds < 36 * 3600) return show(seconds / 3600, "hour");
  return show(seconds / 86400, "day");
}

export function shown(value: number | null, kind: Kind, locale: string): string {
  if (value === null) return "–";
  if (kind === "seconds") return span(value, locale);
  const style = kind === "share" ? { style: "percent", maximumFractionDigits: 1 } as const : {};
  return new Intl.NumberFormat(locale, style).format(value);
}

export interface Delta {
  /** Signed: of a share in points, of anything else in parts of what it was. */
  by: number;
  mood: "good" | "bad" | "none";
}

/** How far a figure is from the period before; null where one of them is missing. */
export function delta(headline: Headline, now: number | null, before: number | null): Delta | null {
  if (now === null || before === null) return null;
  if (headline.kind !== "share" && before === 0) return null;
  const by = headline.kind === "share" ? now - before : (now - before) / before;
  if (Math.abs(by) < 0.0005 || headline.better === null) return { by, mood: "none" };
  return { by, mood: by > 0 === (headline.better === "up") ? "good" : "bad" };
}

export function isEmpty(figures: Figures): boolean {
  return figures.conversations === 0 && figures.customer_messages === 0 && figures.bot_answers === 0;
}
