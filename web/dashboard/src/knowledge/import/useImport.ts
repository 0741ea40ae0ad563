import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import type { ImportStatus } from "./types";

const ASK_EVERY_MS = 700;

export interface ImportOptions {
  mode: "all" | "good";
  publish: boolean;
}

function send(file: File, query: Record<string, string | boolean>): Promise<ImportStatus> {
  const form = new FormData();
  form.append("file", file);
  return api<ImportStatus>("/api/faq/import", { form, query });
}

/** A file on its way into the knowledge: tried out first, then imported, watched until it is searched. */
export function useImport() {
  const queries = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [publish, setPublish] = useState(true);
  const trial = useMutation({ mutationFn: (how: { file: File; publish: boolean }) => send(how.file, { dry_run: true, publish: how.publish }) });
  const start = useMutation({ mutationFn: (how: ImportOptions & { file: File }) => send(how.file, { mode: how.mode, publish: how.publish }) });
  const id = start.data?.id ?? null;
  const watched = useQuery({
    queryKey: ["faq", "import", id],
    queryFn: () => api<ImportStatus>(`/api/faq/import/${id}`),
    enabled: id !== null && start.data?.state === "running",
    refetchInterval: (query) => (query.state.data && query.state.data.state !== "running" ? false : ASK_EVERY_MS),
    staleTime: 0,
  });
  const running = watched.data ?? start.data ?? null;
  const finished = running?.state === "done";
  useEffect(() => {
    if (finished) void queries.invalidateQueries({ queryKey: ["faq", "list"] });
  }, [finished, queries]);
  const tryOut = (chosen: File, published: boolean) => {
    setFile(chosen);
    setPublish(published);
    start.reset();
    trial.mutate({ file: chosen, publish: published });
  };
  return {
    file,
    publish,
    choose: (chosen: File) => tryOut(chosen, publish),
    setPublish: (published: boolean) => file && tryOut(file, published),
    reading: trial.isPending,
    planned: trial.data ?? null,
    error: trial.error ?? start.error ?? watched.error,
    begin: (mode: ImportOptions["mode"]) => file && start.mutate({ file, mode, publish }),
    starting: start.isPending,
    running,
    again: () => {
      setFile(null);
      trial.reset();
      start.reset();
    },
  };
}
