export interface Spanned {
  start: number;
  end: number;
}

/** What is selected in a text box, counted in code points as the server counts; null for nothing. */
export function selectedSpan(text: string, from: number, to: number): Spanned | null {
  const start = [...text.slice(0, from)].length;
  const end = start + [...text.slice(from, to)].length;
  return end > start ? { start, end } : null;
}

/** Put a span in; those it overlaps make way. */
export function withSpan<Span extends Spanned>(spans: readonly Span[], added: Span): Span[] {
  const kept = spans.filter((span) => span.end <= added.start || span.start >= added.end);
  return [...kept, added].sort((a, b) => a.start - b.start);
}
