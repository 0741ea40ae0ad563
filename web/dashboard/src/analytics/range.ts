import dayjs from "dayjs";
import { useSearchParams } from "react-router";

export const SPANS = [7, 30, 90] as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Whole days, both included. */
export interface Range {
  from: string;
  to: string;
}

export function lastDays(days: number, today: dayjs.Dayjs = dayjs()): Range {
  return { from: today.subtract(days - 1, "day").format("YYYY-MM-DD"), to: today.format("YYYY-MM-DD") };
}

export interface Chosen {
  /** Days until today, or null for days of one's own. */
  days: number | null;
  range: Range;
}

/** As the server is asked: its today is the office's, not the reader's. */
export function asked({ days, range }: Chosen): Record<string, string> {
  return days === null ? { ...range } : { days: String(days) };
}

/** The range lives in the address, so that it can be sent to a colleague. */
export function useRange(): [Chosen, (next: number | Range) => void] {
  const [params, setParams] = useSearchParams();
  const from = params.get("from") ?? "";
  const to = params.get("to") ?? "";
  const days = SPANS.find((one) => String(one) === params.get("days")) ?? 30;
  const own = DAY.test(from) && DAY.test(to);
  const choose = (next: number | Range) => setParams(typeof next === "number" ? { days: String(next) } : { ...next }, { replace: true });
  return [own ? { days: null, range: { from, to } } : { days, range: lastDays(days) }, choose];
}
