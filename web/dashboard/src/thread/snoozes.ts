export interface Snooze {
  key: "hour" | "evening" | "tomorrow" | "monday";
  at: Date;
}

const EVENING_HOUR = 18;
const MORNING_HOUR = 9;

function at(from: Date, days: number, hour: number): Date {
  return new Date(from.getFullYear(), from.getMonth(), from.getDate() + days, hour);
}

/** Moments that people put things off to; this evening only while it is not near. */
export function snoozes(now: Date): Snooze[] {
  const hour = new Date(now.getTime() + 60 * 60_000);
  const evening = at(now, 0, EVENING_HOUR);
  const toMonday = ((8 - now.getDay()) % 7) || 7;
  return [
    { key: "hour", at: hour },
    ...(evening > hour ? [{ key: "evening", at: evening } as const] : []),
    { key: "tomorrow", at: at(now, 1, MORNING_HOUR) },
    ...(toMonday > 1 ? [{ key: "monday", at: at(now, toMonday, MORNING_HOUR) } as const] : []),
  ];
}
