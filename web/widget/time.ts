import type { Language } from "../shared/events";
import type { Speech } from "./words";

const LOCALE: Record<Language, string> = { zh: "zh-CN", en: "en-GB" };

export function clock(at: Date, language: Language): string {
  return at.toLocaleTimeString(LOCALE[language], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** Day and time in full. */
export function moment(at: Date, language: Language): string {
  return at.toLocaleString(LOCALE[language], { dateStyle: "long", timeStyle: "short" });
}

/** "Today", "Yesterday", or the date; the year only when it is another one. */
export function dayLabel(at: Date, now: Date, { t, language }: Speech): string {
  const days = Math.round((midnight(now) - midnight(at)) / 86_400_000);
  if (days === 0) return t("today");
  if (days === 1) return t("yesterday");
  return at.toLocaleDateString(LOCALE[language], {
    month: "long",
    day: "numeric",
    weekday: "short",
    ...(at.getFullYear() !== now.getFullYear() && { year: "numeric" }),
  });
}

function midnight(at: Date): number {
  return new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();
}

export function sameDay(a: Date, b: Date): boolean {
  return midnight(a) === midnight(b);
}
