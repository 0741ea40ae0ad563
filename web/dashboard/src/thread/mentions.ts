export interface NotePiece {
  text: string;
  /** The agent's name, where the text calls one. */
  mention: string | null;
}

/** The name that is being typed after an `@` at the end of the text before the caret, or null. */
export function mentionQuery(before: string): string | null {
  const found = /(?:^|\s|[，。、！？])@([^\s@]*)$/u.exec(before);
  return found ? (found[1] as string) : null;
}

/** Put the chosen name in place of what was typed after the last `@`. */
export function completeMention(before: string, name: string): string {
  return `${before.slice(0, before.lastIndexOf("@"))}@${name} `;
}

function byLength(names: readonly string[]): string[] {
  return [...new Set(names)].filter(Boolean).sort((a, b) => b.length - a.length);
}

/** Which of these agents the text calls: `@` and the whole name, the longest name first. */
export function calledIn<Agent extends { id: string; name: string }>(text: string, agents: readonly Agent[]): string[] {
  const called = new Set(splitMentions(text, agents.map(({ name }) => name)).map(({ mention }) => mention));
  return agents.filter(({ name }) => called.has(name)).map(({ id }) => id);
}

export function splitMentions(text: string, names: readonly string[]): NotePiece[] {
  const escaped = byLength(names).map((name) => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  if (escaped.length === 0) return [{ text, mention: null }];
  const pieces: NotePiece[] = [];
  let at = 0;
  for (const found of text.matchAll(new RegExp(`@(${escaped.join("|")})`, "gu"))) {
    if (found.index > at) pieces.push({ text: text.slice(at, found.index), mention: null });
    pieces.push({ text: found[0], mention: found[1] as string });
    at = found.index + found[0].length;
  }
  if (at < text.length) pieces.push({ text: text.slice(at), mention: null });
  return pieces;
}
