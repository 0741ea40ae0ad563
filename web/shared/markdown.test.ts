import { describe, expect, it } from "vitest";
import { parseInline, parseMarkdown, plainText, safeHref, type Block, type Inline } from "./markdown";

const kinds = (text: string): string[] => parseMarkdown(text).map(({ kind }) => kind);

function links(blocks: Block[]): string[] {
  const inline = (nodes: Inline[]): string[] =>
    nodes.flatMap((node) => (node.kind === "link" ? [node.href] : "children" in node ? inline(node.children) : []));
  return blocks.flatMap((block) => {
    if ("children" in block) return inline(block.children);
    if (block.kind === "list") return block.items.flatMap(inline);
    if (block.kind === "table") return [...block.head, ...block.rows.flat()].flatMap(inline);
    return [];
  });
}

describe("blocks", () => {
  it("knows paragraphs, lists, headings, quotes, code, rules and tables", () => {
    const text = "# T\n\npara\nline\n\n- a\n- b\n\n2. c\n3. d\n\n> q\n\n```\n<b>\n```\n\n---\n\n| a | b |\n|---|---|\n| 1 | 2 |";
    expect(kinds(text)).toEqual(["heading", "paragraph", "list", "list", "quote", "code", "rule", "table"]);
  });
  it("numbers as the text does, Chinese commas too, and leaves decimals alone", () => {
    expect(parseMarkdown("3. c")[0]).toMatchObject({ kind: "list", ordered: true, start: 3 });
    expect(kinds("1、打开订单\n2、提交")).toEqual(["list"]);
    expect(kinds("1.5 升")).toEqual(["paragraph"]);
  });
  it("ends a fence that is still being streamed", () => {
    expect(parseMarkdown("```\nhalf")).toEqual([{ kind: "code", text: "half" }]);
  });
});

describe("inline", () => {
  it("marks emphasis inside Chinese and leaves snake_case and 2*3*4 with spaces alone", () => {
    expect(parseInline("请**务必**保留")).toEqual([
      { kind: "text", text: "请" },
      { kind: "strong", children: [{ kind: "text", text: "务必" }] },
      { kind: "text", text: "保留" },
    ]);
    expect(parseInline("order_number_id")).toEqual([{ kind: "text", text: "order_number_id" }]);
    expect(parseInline("2 * 3 * 4")).toEqual([{ kind: "text", text: "2 * 3 * 4" }]);
  });
  it("stops a bare address at Chinese punctuation", () => {
    expect(links(parseMarkdown("看 https://a.example/x?y=1，或 help@a.example。"))).toEqual([
      "https://a.example/x?y=1",
      "mailto:help@a.example",
    ]);
  });
  it("gives the words alone for the voice", () => {
    expect(plainText("**a** [b](https://x.example/) `c`\n- d")).toBe("a b c\nd");
  });
});

/** What people have tried on chat widgets; none of it may become more than text or a safe link. */
const ATTACKS = [
  "<script>alert(1)</script>",
  "<img src=x onerror=alert(1)>",
  "<svg/onload=alert(1)>",
  "[x](javascript:alert(1))",
  "[x](JaVaScRiPt:alert(1))",
  "[x](java\tscript:alert(1))",
  "[x](\u0001javascript:alert(1))",
  "[x](&#106;avascript:alert(1))",
  "[x](data:text/html,<script>alert(1)</script>)",
  "[x](vbscript:msgbox(1))",
  "[x](file:///etc/passwd)",
  "[x](blob:https://a.example/1)",
  "[x](//evil.example)",
  "[x](/relative)",
  "![x](javascript:alert(1))",
  '[x](https://a.example "onmouseover=alert(1)")',
  '[x](https://a.example"onmouseover="alert(1))',
  "javascript:alert(1)",
  "https://a.example/'onclick='alert(1)",
  "`<script>`",
  "| <img src=x onerror=alert(1)> |\n|---|\n| [x](javascript:alert(1)) |",
  "- [x](javascript:alert(1))\n> [y](javascript:alert(1))",
  "[[x](javascript:alert(1))](https://a.example)",
];

describe("safety", () => {
  it.each(ATTACKS)("%j leads nowhere but to http, https or mailto", (attack) => {
    for (const href of links(parseMarkdown(attack))) expect(href).toMatch(/^(https?:\/\/|mailto:)/);
  });
  it("keeps every character of a tag as text", () => {
    expect(plainText("<script>alert(1)</script>")).toBe("<script>alert(1)</script>");
  });
  it("accepts absolute addresses of three protocols only", () => {
    expect(safeHref("https://a.example/x")).toBe("https://a.example/x");
    expect(safeHref("mailto:a@b.example")).toBe("mailto:a@b.example");
    expect(["javascript:1", " javascript:1", "tel:1", "/x", "x", ""].map(safeHref)).toEqual(Array(6).fill(null));
  });
  it("reads hostile nesting without growing beyond the text", () => {
    for (const piece of ["*", "_", "**a", "[", "![", "`", "[a](", "~~", "> ", "- ", "|", "\\"]) {
      const blocks = parseMarkdown(piece.repeat(3_000));
      expect(JSON.stringify(blocks).length).toBeLessThan(3_000 * piece.length * 40);
    }
  });
});
