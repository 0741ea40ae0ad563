import type { Canned } from "../api/types";

/** The `/word` that is being typed at the very start of the reply; null when there is none. */
export function cannedQuery(text: string): string | null {
  const found = /^\/(\S*)$/u.exec(text);
  return found ? (found[1] as string).toLowerCase() : null;
}

/** Shortcut first, then title, then text: whoever knows the shortcut gets it at the top. */
export function matchCanned(all: readonly Canned[], query: string, limit = 8): Canned[] {
  const rank = ({ shortcut, title, text }: Canned): number => {
    if (shortcut.toLowerCase().startsWith(query)) return 0;
    if (title.toLowerCase().includes(query)) return 1;
    return text.toLowerCase().includes(query) ? 2 : 3;
  };
  return all
    .map((canned) => ({ canned, order: rank(canned) }))
    .filter(({ order }) => order < 3)
    .sort((a, b) => a.order - b.order || a.canned.shortcut.localeCompare(b.canned.shortcut))
    .slice(0, limit)
    .map(({ canned }) => canned);
}

/** What a canned reply may name. */
export const VARIABLES = ["name", "agent", "order", "email"] as const;
const NAMED = /\{\{\s*(\w+)\s*\}\}/g;

/** `{{name}}` becomes the customer's name and so on; what is not known stays, for the agent to fill. */
export function fillCanned(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(NAMED, (whole, name: string) => values[name] || whole);
}

/** A variable that nobody has filled in, or null: such a text must not be sent. */
export function unfilled(text: string): string | null {
  return [...text.matchAll(NAMED)].find(([, name]) => VARIABLES.some((one) => one === name))?.[0] ?? null;
}

/** The order the conversation is about, as the bot has understood it. */
export function orderIn(slots: Readonly<Record<string, unknown>> | undefined): string {
  const found = Object.entries(slots ?? {}).find(([name, value]) => /order/i.test(name) && typeof value === "string" && value);
  return found ? String(found[1]) : "";
}
