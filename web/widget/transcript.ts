import type { Message } from "../shared/events";
import { plainText } from "../shared/markdown";
import { authorName } from "./author";
import type { Speech } from "./words";

/** The conversation as a text file, one message a paragraph. */
export function transcript(messages: readonly Message[], title: string, speech: Speech): string {
  const head = `${title} · ${speech.t("transcript_title")}`;
  const lines = messages.map((message) => {
    const at = new Date(message.created_at).toLocaleString(speech.language === "zh" ? "zh-CN" : "en-GB");
    const { text, files } = message.content;
    const said = [plainText(text), ...files.map(({ name }) => `[${name}]`)].filter(Boolean).join("\n");
    return `[${at}] ${authorName(message.author, speech)}\n${said}`;
  });
  return [head, ...lines].join("\n\n") + "\n";
}

export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
