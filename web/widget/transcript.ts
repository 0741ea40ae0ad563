import type { Message } from "../shared/events";
import { authorName } from "./author";
import { moment } from "./time";
import type { Speech } from "./words";

/** The conversation as a text file, one message a paragraph, as it was written. */
export function transcript(messages: readonly Message[], title: string, speech: Speech): string {
  const head = `${title} · ${speech.t("transcript_title")}`;
  const lines = messages.map((message) => {
    const at = moment(new Date(message.created_at), speech.language);
    return `[${at}] ${authorName(message.author, speech)}\n${said(message, speech)}`;
  });
  return [head, ...lines].join("\n\n") + "\n";
}

function said({ author, content }: Message, { t }: Speech): string {
  if (content.recalled) return t(author.type === "visitor" ? "recalled_own" : "recalled");
  const cards = content.cards.map(({ title, subtitle }) => [title, subtitle].filter(Boolean).join(" · "));
  const files = content.files.map(({ name }) => `[${name}]`);
  const sources = content.citations.map(({ title, url }) => [`${t("sources")}: ${title}`, url].filter(Boolean).join(" "));
  return [content.text, ...cards, ...files, ...sources].filter(Boolean).join("\n");
}

/** The customer's own day, as a file's name has it. */
export function fileName(now: Date): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  return `chat-${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}.txt`;
}

export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
