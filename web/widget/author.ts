import type { Author } from "../shared/events";
import type { Speech } from "./words";

export function authorName(author: Author, { t }: Speech): string {
  if (author.type === "visitor") return t("you");
  if (author.type === "agent") return author.name || t("agent_name");
  return author.type === "bot" ? t("bot_name") : t("title");
}
