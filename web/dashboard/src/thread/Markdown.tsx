import { Fragment, useMemo } from "react";
import { type Block, type Inline, parseMarkdown } from "../../../shared/markdown";
import css from "./thread.module.css";

function Spans({ nodes }: { nodes: readonly Inline[] }) {
  return nodes.map((node, index) => {
    switch (node.kind) {
      case "text":
        return <Fragment key={index}>{node.text}</Fragment>;
      case "code":
        return <code key={index}>{node.text}</code>;
      case "break":
        return <br key={index} />;
      case "link":
        return (
          <a key={index} href={node.href} target="_blank" rel="noopener noreferrer nofollow">
            <Spans nodes={node.children} />
          </a>
        );
      case "strong":
      case "em":
      case "del": {
        const Tag = node.kind;
        return (
          <Tag key={index}>
            <Spans nodes={node.children} />
          </Tag>
        );
      }
    }
  });
}

function Shown({ block }: { block: Block }) {
  switch (block.kind) {
    case "paragraph":
      return (
        <p>
          <Spans nodes={block.children} />
        </p>
      );
    case "heading":
      return (
        <p>
          <strong>
            <Spans nodes={block.children} />
          </strong>
        </p>
      );
    case "quote":
      return (
        <blockquote>
          <Spans nodes={block.children} />
        </blockquote>
      );
    case "code":
      return <pre>{block.text}</pre>;
    case "rule":
      return <hr />;
    case "list": {
      const items = block.items.map((item, index) => (
        <li key={index}>
          <Spans nodes={item} />
        </li>
      ));
      return block.ordered ? <ol start={block.start}>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <div className={css.table} tabIndex={0}>
          <table>
            <thead>
              <tr>
                {block.head.map((cell, index) => (
                  <th key={index}>
                    <Spans nodes={cell} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {block.rows.map((row, at) => (
                <tr key={at}>
                  {row.map((cell, index) => (
                    <td key={index}>
                      <Spans nodes={cell} />
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
  }
}

/** The safe subset that the widget shows too, so that both sides see the same. */
export function Markdown({ text }: { text: string }) {
  const blocks = useMemo(() => parseMarkdown(text), [text]);
  return blocks.map((block, index) => <Shown key={index} block={block} />);
}
