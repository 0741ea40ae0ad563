import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { ApiError, api } from "../../api/client";
import { useI18n } from "../../i18n";
import { wordsOf } from "../../shell/Failure";
import type { CheckAnswer } from "../regression/types";
import type { Content, EntryDetail, EntryOut } from "../types";
import { contentOf, type Draft, draftOf, isSame, type Problem, problemsOf } from "./draft";

/** Somebody made a newer version while this one was edited. */
export interface Conflict {
  theirs: EntryDetail;
  publish: boolean;
}

interface Save {
  publish: boolean;
  /** The version that the edit is based on; another one after a conflict was looked at. */
  version: number;
}

interface Options {
  /** Null: a new entry. */
  entry: EntryDetail | null;
  initial: Content;
  /** How a new entry is made. */
  create: (content: Content, publish: boolean) => Promise<EntryOut>;
  onSaved: (entry: EntryOut) => void;
}

export interface EntryForm {
  draft: Draft;
  change: (changed: Partial<Draft> | ((before: Draft) => Partial<Draft>)) => void;
  content: Content;
  dirty: boolean;
  problems: readonly Problem[];
  /** Problems are told once saving was tried. */
  tried: boolean;
  save: (publish: boolean, version?: number) => void;
  saving: boolean;
  conflict: Conflict | null;
  settleConflict: (choice: "mine" | "theirs" | null) => void;
  blocked: CheckAnswer | null;
  unblock: () => void;
  /** Go on with what the server has made of it, e.g. an older version that is the newest again. */
  take: (entry: EntryOut) => void;
}

/** One entry's form: what is typed, what is wrong with it, and what becomes of saving it. */
export function useEntryForm({ entry, initial, create, onSaved }: Options): EntryForm {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [draft, setDraft] = useState(() => draftOf(initial));
  const [saved, setSaved] = useState(entry ? initial : null);
  const [version, setVersion] = useState(entry?.version ?? 0);
  const [tried, setTried] = useState(false);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const [blocked, setBlocked] = useState<CheckAnswer | null>(null);
  const content = useMemo(() => contentOf(draft), [draft]);
  const problems = useMemo(() => problemsOf(draft), [draft]);
  const [blank] = useState(() => contentOf(draftOf(initial)));
  const dirty = !isSame(content, saved ?? blank);

  const mutation = useMutation({
    mutationFn: async (how: Save) =>
      entry && how.publish && !dirty && entry.status === "changed"
        ? api<EntryOut>(`/api/faq/${encodeURIComponent(entry.id)}/publish`, { method: "POST" })
        : entry
        ? api<EntryOut>(`/api/faq/${encodeURIComponent(entry.id)}`, { method: "PUT", body: { content, version: how.version, publish: how.publish } })
        : create(content, how.publish),
    onSuccess: (out, { publish }) => {
      setSaved(content);
      setVersion(out.version);
      setTried(false);
      void queries.invalidateQueries({ queryKey: ["faq"] });
      notifications.show({ color: "green", message: t(publish ? "editor.published" : "editor.saved") });
      onSaved(out);
    },
    onError: async (error, { publish }) => {
      if (error instanceof ApiError && error.code === "check_failed") {
        setBlocked(error.fields["check"] as CheckAnswer);
        return;
      }
      if (entry && error instanceof ApiError && error.code === "version_conflict") {
        const theirs = await api<EntryDetail>(`/api/faq/${encodeURIComponent(entry.id)}`).catch(() => null);
        if (theirs) {
          setConflict({ theirs, publish });
          return;
        }
      }
      notifications.show({ color: "red", message: wordsOf(error, t), autoClose: 8_000 });
    },
  });

  const take = (fresh: EntryOut) => {
    setDraft(draftOf(fresh.content));
    setSaved(fresh.content);
    setVersion(fresh.version);
  };
  return {
    draft,
    change: (changed) => setDraft((before) => ({ ...before, ...(typeof changed === "function" ? changed(before) : changed) })),
    content,
    dirty,
    problems,
    tried,
    save: (publish, based = version) => {
      setTried(true);
      if (problems.length === 0 && !mutation.isPending) mutation.mutate({ publish, version: based });
    },
    saving: mutation.isPending,
    conflict,
    settleConflict: (choice) => {
      if (conflict && choice === "mine") mutation.mutate({ publish: conflict.publish, version: conflict.theirs.version });
      if (conflict && choice === "theirs") {
        take(conflict.theirs);
        void queries.invalidateQueries({ queryKey: ["faq"] });
      }
      setConflict(null);
    },
    blocked,
    unblock: () => setBlocked(null),
    take,
  };
}
