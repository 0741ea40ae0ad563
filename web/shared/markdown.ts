/**
 * The Markdown that a bot or an agent may use, as a tree: no HTML is ever parsed or made, so
 * there is nothing to sanitise. A tag in the text is text. Pictures become links; links lead to
 * http, https and mailto alone. Shapes follow CommonMark, a single line break being a break.
 */

export type Inline =
  | { kind: "text"; text: string }
  | { kind: "code"; text: string }
  | { kind: "break" }
  | { kind: "strong" | "em" | "del"; children: Inline[] }
  | { kind: "link"; href: string; children: Inline[] };

export type Block =
  | { kind: "paragraph" | "heading" | "quote"; children: Inline[] }
  | { kind: "code"; text: string }
  | { kind: "list"; ordered: boolean; start: number; items: Inline[][] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

const MAX_DEPTH = 4;
const PROTOCOLS = new Set(["http:", "https:", "mailto:"]);
// Stops at white space, quotes, brackets and at Chinese text or punctuation written against it.
const BARE_URL = /https?:\/\/[^\s<>"'`\u2018-\u201f\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+/y;
const BARE_EMAIL = /[A-Za-z0-9][\w.+-]{0,63}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}/y;
const LINK = /!?\[([^\]\n]{0,500})\]\(\s*([^\s()]{0,2000})(?:\s+"[^"\n]{0,200}")?\s*\)/y;
const SPANS = [
  { mark: "**", kind: "strong" },
  { mark: "__", kind: "strong" },
  { mark: "~~", kind: "del" },
  { mark: "*", kind: "em" },
  { mark: "_", kind: "em" },
] as const;

/** The address if it may be followed, else null. */
export function safeHref(href: string): string | null {
  try {
    const url = new URL(href);
    return PROTOCOLS.has(url.protocol) ? url.href : null;
  } catch {
    return null; // relative, or no address at all
  }
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

class InlineReader {
  #out: Inline[] = [];
  #plain = "";

  constructor(
    private readonly text: string,
    private readonly depth: number,
    private readonly inLink: boolean,
  ) {}

  read(): Inline[] {
    let at = 0;
    while (at < this.text.length) at = this.#step(at);
    this.#flush();
    return this.#out;
  }

  #flush(): void {
    if (this.#plain !== "") this.#out.push({ kind: "text", text: this.#plain });
    this.#plain = "";
  }

  #push(node: Inline, next: number): number {
    this.#flush();
    this.#out.push(node);
    return next;
  }

  #step(at: number): number {
    const char = this.text[at] as string;
    const next =
      (char === "\n" ? this.#push({ kind: "break" }, at + 1) : null) ??
      (char === "\\" ? this.#escaped(at) : null) ??
      (char === "`" ? this.#code(at) : null) ??
      (char === "[" || char === "!" ? this.#link(at) : null) ??
      ("*_~".includes(char) ? this.#span(at) : null) ??
      this.#bare(at);
    if (next !== null) return next;
    this.#plain += char;
    return at + 1;
  }

  #escaped(at: number): number | null {
    const next = this.text[at + 1];
    if (next === undefined || !"\\`*_~[]()!#>-+.|".includes(next)) return null;
    this.#plain += next;
    return at + 2;
  }

  #code(at: number): number | null {
    const end = this.text.indexOf("`", at + 1);
    if (end <= at + 1) return null;
    return this.#push({ kind: "code", text: this.text.slice(at + 1, end) }, end + 1);
  }

  #link(at: number): number | null {
    if (this.inLink) return null;
    const found = match(LINK, this.text, at);
    const href = found && safeHref(found[2] ?? "");
    if (!found || !href) return null;
    const words = found[1]?.trim() || href;
    const children = new InlineReader(words, this.depth + 1, true).read();
    return this.#push({ kind: "link", href, children }, at + found[0].length);
  }

  #span(at: number): number | null {
    if (this.depth >= MAX_DEPTH) return null;
    for (const { mark, kind } of SPANS) {
      if (!this.text.startsWith(mark, at)) continue;
      const from = at + mark.length;
      const end = this.text.indexOf(mark, from + 1);
      if (end < 0 || /\s/.test(this.text[from] ?? " ") || /\s/.test(this.text[end - 1] ?? " ")) continue;
      // snake_case and 2_000 are words, not emphasis.
      if (mark[0] === "_" && (isWord(this.text[at - 1]) || isWord(this.text[end + mark.length]))) continue;
      const inner = this.text.slice(from, end);
      if (inner.includes("\n\n") || inner.startsWith(mark[0] as string)) continue;
      const children = new InlineReader(inner, this.depth + 1, this.inLink).read();
      return this.#push({ kind, children }, end + mark.length);
    }
    return null;
  }

  #bare(at: number): number | null {
    if (this.inLink || isWord(this.text[at - 1])) return null;
    const url = match(BARE_URL, this.text, at);
    const email = url ? null : match(BARE_EMAIL, this.text, at);
    const raw = url?.[0] ?? email?.[0];
    if (!raw) return null;
    const words = raw.replace(/[.,;:!?*_~)\]}]+$/, "");
    const href = safeHref(email ? `mailto:${words}` : words);
    if (!href) return null;
    return this.#push({ kind: "link", href, children: [{ kind: "text", text: words }] }, at + words.length);
  }
}

function isWord(char: string | undefined): boolean {
  return char !== undefined && /[A-Za-z0-9_]/.test(char);
}

export function parseInline(text: string): Inline[] {
  return new InlineReader(text, 0, false).read();
}

const FENCE = /^ {0,3}```/;
const HEADING = /^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$/;
const QUOTE = /^ {0,3}>\s?/;
const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const BULLET = /^\s{0,8}[-*+•]\s+/;
const NUMBER = /^\s{0,8}(\d{1,4})(?:[.)]\s+|、\s*)(?=\S)/;
const TABLE_RULE = /^\s*\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?\s*$/;

function cells(line: string): Inline[][] {
  const trimmed = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return trimmed.split("|").map((cell) => parseInline(cell.trim()));
}

/** What `text` shows, block by block. */
export function parseMarkdown(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, "\n").split("\n");
  const blocks: Block[] = [];
  let at = 0;
  const take = (test: (line: string) => boolean): string[] => {
    const from = at;
    while (at < lines.length && test(lines[at] as string)) at++;
    return lines.slice(from, at);
  };
  while (at < lines.length) {
    const line = lines[at] as string;
    const heading = HEADING.exec(line);
    if (line.trim() === "") at++;
    else if (FENCE.test(line)) {
      at++;
      blocks.push({ kind: "code", text: take((next) => !FENCE.test(next)).join("\n") });
      at++;
    } else if (heading) {
      blocks.push({ kind: "heading", children: parseInline(heading[1] ?? "") });
      at++;
    } else if (RULE.test(line)) {
      blocks.push({ kind: "rule" });
      at++;
    } else if (QUOTE.test(line)) {
      const quoted = take((next) => QUOTE.test(next)).map((next) => next.replace(QUOTE, ""));
      blocks.push({ kind: "quote", children: parseInline(quoted.join("\n")) });
    } else if (BULLET.test(line)) {
      const items = take((next) => BULLET.test(next)).map((next) => parseInline(next.replace(BULLET, "")));
      blocks.push({ kind: "list", ordered: false, start: 1, items });
    } else if (NUMBER.test(line)) {
      const start = Number(NUMBER.exec(line)?.[1] ?? 1);
      const items = take((next) => NUMBER.test(next)).map((next) => parseInline(next.replace(NUMBER, "")));
      blocks.push({ kind: "list", ordered: true, start, items });
    } else if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "")) {
      at += 2;
      const rows = take((next) => next.includes("|") && next.trim() !== "").map(cells);
      blocks.push({ kind: "table", head: cells(line), rows });
    } else {
      const first = at++;
      take((next) => !startsBlock(next));
      blocks.push({ kind: "paragraph", children: parseInline(lines.slice(first, at).join("\n").trim()) });
    }
  }
  return blocks;
}

function startsBlock(line: string): boolean {
  return [FENCE, HEADING, QUOTE, RULE, BULLET, NUMBER].some((start) => start.test(line)) || line.trim() === "";
}

/** The words alone, for titles, announcements and the browser's voice; addresses are not read. */
export function plainText(text: string): string {
  const inline = (nodes: Inline[]): string =>
    nodes
      .map((node) => {
        if (node.kind === "break") return "\n";
        if (node.kind === "text" || node.kind === "code") return node.text;
        return inline(node.children);
      })
      .join("");
  const block = (node: Block): string => {
    if (node.kind === "rule") return "";
    if (node.kind === "code") return node.text;
    if (node.kind === "list") return node.items.map(inline).join("\n");
    if (node.kind === "table") return [node.head, ...node.rows].map((row) => row.map(inline).join(" ")).join("\n");
    return inline(node.children);
  };
  return parseMarkdown(text).map(block).join("\n");
}
