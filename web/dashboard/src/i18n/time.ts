const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How long ago, as short as an inbox row needs: `now`, `5m`, `2h`, `3d`, then the date. */
export function ago(iso: string, locale: string, nowMs: number): string {
  const at = Date.parse(iso);
  const elapsed = Math.max(0, nowMs - at);
  const format = (value: number, unit: "minute" | "hour" | "day") =>
    new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay: locale.startsWith("zh") ? "short" : "narrow" }).format(value);
  if (elapsed < MINUTE_MS) return new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(0, "second");
  if (elapsed < HOUR_MS) return format(Math.floor(elapsed / MINUTE_MS), "minute");
  if (elapsed < DAY_MS) return format(Math.floor(elapsed / HOUR_MS), "hour");
  if (elapsed < 7 * DAY_MS) return format(Math.floor(elapsed / DAY_MS), "day");
  return new Intl.DateTimeFormat(locale, { month: "short", day: "numeric" }).format(at);
}

/** The same in words: `15 minutes ago`. */
export function agoInWords(iso: string, locale: string, nowMs: number): string {
  const elapsed = Math.max(0, nowMs - Date.parse(iso));
  const words = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  if (elapsed < MINUTE_MS) return words.format(0, "second");
  if (elapsed < HOUR_MS) return words.format(-Math.floor(elapsed / MINUTE_MS), "minute");
  if (elapsed < DAY_MS) return words.format(-Math.floor(elapsed / HOUR_MS), "hour");
  return words.format(-Math.floor(elapsed / DAY_MS), "day");
}

export function clock(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(Date.parse(iso));
}

export function dayOf(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { weekday: "short", month: "short", day: "numeric" }).format(Date.parse(iso));
}

export function fullTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "medium" }).format(Date.parse(iso));
}

/** `4:05` or `1:02:03`: a waiting clock. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3600);
  const padded = parts.map((part) => String(part).padStart(2, "0"));
  return hours > 0 ? `${hours}:${padded.join(":")}` : `${parts[0]}:${padded[1]}`;
}

/** A moment to come: today's as a clock, a later day's with the day. */
export function until(iso: string, locale: string, nowMs: number): string {
  const at = new Date(iso);
  if (at.toDateString() === new Date(nowMs).toDateString()) return clock(iso, locale);
  return `${dayOf(iso, locale)} ${clock(iso, locale)}`;
}
