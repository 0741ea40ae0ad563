import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api } from "../../api/client";
import { type Manner, nameOf, type Source, send } from "./source";
import type { ImportStatus } from "./types";

const ASK_EVERY_MS = 700;

/** What was begun, and what has become of it since. */
function useWatched(begun: ImportStatus | undefined) {
  const id = begun?.id ?? null;
  const watched = useQuery({
    queryKey: ["faq", "import", id],
    queryFn: () => api<ImportStatus>(`/api/faq/import/${id}`),
    enabled: id !== null && begun?.state === "running",
    refetchInterval: (query) => (query.state.data && query.state.data.state !== "running" ? false : ASK_EVERY_MS),
    staleTime: 0,
  });
  return { status: watched.data ?? begun ?? null, error: watched.error };
}

/** A file or a site on its way into the knowledge: tried out first, then imported, watched until it is searched. */
export function useImport() {
  const queries = useQueryClient();
  const [source, setSource] = useState<Source | null>(null);
  const [publish, setPublish] = useState(true);
  const trial = useMutation({ mutationFn: (how: Manner & { source: Source }) => send(how.source, { ...how, dryRun: true }) });
  const start = useMutation({ mutationFn: (how: Manner & { source: Source }) => send(how.source, how) });
  const tried = useWatched(trial.data);
  const running = useWatched(start.data);
  const finished = running.status?.state === "done";
  useEffect(() => {
    if (finished) void queries.invalidateQueries({ queryKey: ["faq", "list"] });
  }, [finished, queries]);
  const tryOut = (chosen: Source, published: boolean) => {
    setSource(chosen);
    setPublish(published);
    start.reset();
    trial.mutate({ source: chosen, publish: published });
  };
  const reading = trial.isPending || tried.status?.state === "running";
  return {
    name: source ? nameOf(source) : "",
    publish,
    choose: (chosen: Source) => tryOut(chosen, publish),
    setPublish: (published: boolean) => source && tryOut(source, published),
    reading,
    /** Of a site that is being read: how far it is. */
    pages: reading && tried.status ? { done: tried.status.done, total: tried.status.total } : null,
    planned: reading ? null : tried.status,
    error: trial.error ?? tried.error ?? start.error ?? running.error,
    begin: (mode: "all" | "good") => source && start.mutate({ source, mode, publish }),
    starting: start.isPending,
    running: running.status,
    again: () => {
      setSource(null);
      trial.reset();
      start.reset();
    },
  };
}
