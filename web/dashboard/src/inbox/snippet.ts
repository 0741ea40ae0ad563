const BEFORE_CHARS = 24;

export interface Snippet {
  text: string;
  marked: boolean;
}

/** The text from a little before the first hit on, its hits marked; case and width do not matter. */
export function snippet(text: string, q: string, length = 120): Snippet[] {
  const plain = text.replace(/\s+/g, " ");
  const parts = q.split(/\s+/).filter(Boolean);
  const pattern = new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|"), "giu");
  const first = parts.length ? plain.search(pattern) : -1;
  const start = Math.max(0, first - BEFORE_CHARS);
  const shown = (start > 0 ? "…" : "") + plain.slice(start, start + length);
  if (first < 0) return [{ text: shown, marked: false }];
  const pieces: Snippet[] = [];
  let at = 0;
  for (const found of shown.matchAll(pattern)) {
    if (found.index > at) pieces.push({ text: shown.slice(at, found.index), marked: false });
    pieces.push({ text: found[0], marked: true });
    at = found.index + found[0].length;
  }
  if (at < shown.length) pieces.push({ text: shown.slice(at), marked: false });
  return pieces;
}
