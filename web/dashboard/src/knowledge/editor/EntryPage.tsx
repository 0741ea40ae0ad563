import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate, useParams } from "react-router";
import { api } from "../../api/client";
import { Found } from "../../shell/Found";
import { KnowledgeFrame } from "../KnowledgeFrame";
import type { Content, EntryDetail, EntryOut } from "../types";
import { EMPTY } from "./draft";
import { Editor } from "./Editor";

/** What another page hands to a new entry. */
export interface Seed {
  content: Partial<Content>;
  /** Customers' questions that it answers: they are settled, and become test questions. */
  messageIds?: string[];
  /** The intent that they are examples of. */
  intent?: string | null;
}

export const seedOf = (state: unknown): Seed | null => (state && typeof state === "object" && "content" in state ? (state as Seed) : null);

export function NewEntryPage() {
  const navigate = useNavigate();
  const { state, key } = useLocation();
  const seed = seedOf(state);
  const create = (content: Content, publish: boolean) =>
    seed?.messageIds
      ? api<EntryOut>("/api/faq/unanswered/entry", { body: { message_ids: seed.messageIds, content, publish, intent: seed.intent ?? null } })
      : api<EntryOut>("/api/faq", { body: { content, publish } });
  return (
    <Editor
      key={key}
      entry={null}
      initial={{ ...EMPTY, ...seed?.content }}
      create={create}
      onSaved={(entry) => void navigate(`/knowledge/entries/${encodeURIComponent(entry.id)}`, { replace: true })}
    />
  );
}

export function EntryPage() {
  const { entryId = "" } = useParams();
  const entry = useQuery({
    queryKey: ["faq", "entry", entryId],
    queryFn: () => api<EntryDetail>(`/api/faq/${encodeURIComponent(entryId)}`),
    staleTime: 0,
  });
  const { state } = useLocation();
  const added = seedOf(state)?.content.questions;
  if (entry.data) return <Editor key={entryId} entry={entry.data} initial={entry.data.content} added={added ?? {}} create={never} onSaved={() => undefined} />;
  return (
    <KnowledgeFrame>
      <Found query={entry}>{() => null}</Found>
    </KnowledgeFrame>
  );
}

const never = () => Promise.reject(new Error("expected an entry that is there to be changed"));
