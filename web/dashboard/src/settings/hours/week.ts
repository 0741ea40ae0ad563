/** Office hours as the server reads them, `Mo-Fr 09:00-18:00; Sa 10:00-14:00`, by weekday and back. */

export const DAYS = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"] as const;

export interface Span {
  /** `HH:MM`; an end of midnight is `24:00`. */
  start: string;
  end: string;
}

/** Monday first; each day's spans in the order in which they were written. */
export type Week = readonly (readonly Span[])[];

const RULE = /^(\w\w)(?:-(\w\w))?\s+(\d\d:\d\d)-(\d\d:\d\d)$/;

/** Null where the text is none of ours: then it is shown and edited as text. */
export function parseWeek(text: string): Week | null {
  const week: Span[][] = DAYS.map(() => []);
  for (const part of text.split(";").map((piece) => piece.trim()).filter(Boolean)) {
    const match = RULE.exec(part);
    const first = DAYS.indexOf(match?.[1] as (typeof DAYS)[number]);
    const last = match?.[2] ? DAYS.indexOf(match[2] as (typeof DAYS)[number]) : first;
    if (!match || first < 0 || last < 0) return null;
    const length = ((last - first + DAYS.length) % DAYS.length) + 1;
    for (let step = 0; step < length; step += 1) {
      week[(first + step) % DAYS.length]?.push({ start: match[3] as string, end: match[4] as string });
    }
  }
  return week;
}

/** Days that follow one another with the same hours become one rule. */
export function writeWeek(week: Week): string {
  const rules: string[] = [];
  const hours = week.map((spans) => spans.map(({ start, end }) => `${start}-${end}`));
  const same = (a: number, b: number) => hours[a]?.join() === hours[b]?.join();
  for (let first = 0; first < week.length; ) {
    let last = first;
    while (last + 1 < week.length && same(first, last + 1)) last += 1;
    const days = last > first ? `${DAYS[first]}-${DAYS[last]}` : DAYS[first];
    rules.push(...(hours[first] ?? []).map((span) => `${days} ${span}`));
    first = last + 1;
  }
  return rules.join("; ");
}

/** `9`, `930`, `9:30` or `9：30` as `09:30`; null where it is no time of day. */
export function readTime(text: string): string | null {
  const match = /^(\d{1,2})(?:[:：.]?(\d\d))?$/.exec(text.trim());
  if (!match) return null;
  const [hours, minutes] = [Number(match[1]), Number(match[2] ?? 0)];
  if (minutes > 59 || hours * 60 + minutes > 24 * 60) return null;
  return [hours, minutes].map((part) => String(part).padStart(2, "0")).join(":");
}

/** Hours that end before they begin, or run into one another. */
export function isWrong(spans: readonly Span[]): boolean {
  const sorted = [...spans].sort((a, b) => a.start.localeCompare(b.start));
  return sorted.some(({ start, end }, index) => end <= start || (sorted[index + 1]?.start ?? "99") < end);
}
