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

/** `{{name}}` and `{{agent}}` become the customer's and the agent's name; unknown ones stay. */
export function fillCanned(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => values[name] ?? whole);
}
