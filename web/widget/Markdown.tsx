import type { ComponentChildren, JSX } from "preact";
import { parseMarkdown, type Block, type Inline } from "../shared/markdown";

function inline(nodes: Inline[]): ComponentChildren[] {
  return nodes.map((node) => {
    switch (node.kind) {
      case "text":
        return node.text;
      case "break":
        return <br />;
      case "code":
        return <code>{node.text}</code>;
      case "strong":
        return <strong>{inline(node.children)}</strong>;
      case "em":
        return <em>{inline(node.children)}</em>;
      case "del":
        return <del>{inline(node.children)}</del>;
      case "link":
        return (
          <a href={node.href} target="_blank" rel="noopener noreferrer nofollow">
            {inline(node.children)}
          </a>
        );
    }
  });
}

function block(node: Block): JSX.Element {
  switch (node.kind) {
    case "paragraph":
      return <p>{inline(node.children)}</p>;
    case "heading":
      return <p class="heading">{inline(node.children)}</p>;
    case "quote":
      return <blockquote>{inline(node.children)}</blockquote>;
    case "code":
      return (
        <pre tabIndex={0}>
          <code>{node.text}</code>
        </pre>
      );
    case "rule":
      return <hr />;
    case "list": {
      const items = node.items.map((item) => <li>{inline(item)}</li>);
      return node.ordered ? <ol start={node.start}>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <div class="table" tabIndex={0}>
          <table>
            <thead>
              <tr>{node.head.map((cell) => <th scope="col">{inline(cell)}</th>)}</tr>
            </thead>
            <tbody>
              {node.rows.map((row) => <tr>{row.map((cell) => <td>{inline(cell)}</td>)}</tr>)}
            </tbody>
          </table>
        </div>
      );
  }
}

/** A bot's or agent's text. Built as nodes, never as HTML: nothing in it can run. */
export function Markdown({ text }: { text: string }): JSX.Element {
  return <div class="markdown" dir="auto">{parseMarkdown(text).map(block)}</div>;
}
