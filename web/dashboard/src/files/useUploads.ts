import { useCallback, useEffect, useRef, useState } from "react";
import type { WireFile } from "../../../shared/events";

/** A file beside the reply: on its way, there, or refused in words. */
export interface Upload {
  id: number;
  name: string;
  size: number;
  /** 0 to 1. */
  sent: number;
  file: WireFile | null;
  refused: string | null;
}

/** As many as one message takes. */
export const MAX_FILES = 5;

/** The files that will go with the next reply. */
export function useUploads(conversationId: string, language: string) {
  const [items, setItems] = useState<readonly Upload[]>([]);
  const next = useRef(1);
  const running = useRef(new Map<number, XMLHttpRequest>());
  const change = useCallback((id: number, part: Partial<Upload>) => setItems((all) => all.map((one) => (one.id === id ? { ...one, ...part } : one))), []);
  useEffect(() => {
    const requests = running.current;
    return () => requests.forEach((request) => request.abort());
  }, []);
  const add = (files: readonly File[]) => {
    const fresh = files.slice(0, MAX_FILES - items.length).map((source) => ({ source, id: next.current++ }));
    setItems([...items, ...fresh.map(({ source, id }) => ({ id, name: nameOf(source), size: source.size, sent: 0, file: null, refused: null }))]);
    for (const { source, id } of fresh) running.current.set(id, send(conversationId, language, source, (part) => change(id, part)));
  };
  const remove = (id: number) => {
    running.current.get(id)?.abort();
    running.current.delete(id);
    setItems((all) => all.filter((one) => one.id !== id));
  };
  const ready = items.flatMap(({ file }) => (file ? [file] : []));
  const busy = items.some(({ file, refused }) => !file && refused === null);
  return { items, add, remove, clear: () => setItems([]), ready, busy, full: items.length >= MAX_FILES };
}

function nameOf(file: File): string {
  return file.name || "image.png";
}

function send(conversationId: string, language: string, source: File, tell: (part: Partial<Upload>) => void): XMLHttpRequest {
  const request = new XMLHttpRequest(); // fetch cannot tell how much is sent
  request.open("POST", `/api/conversations/${conversationId}/files?name=${encodeURIComponent(nameOf(source))}`);
  request.setRequestHeader("Accept-Language", language);
  request.responseType = "json";
  request.upload.onprogress = ({ loaded, total }) => tell({ sent: total > 0 ? loaded / total : 0 });
  request.onload = () => {
    if (request.status < 300) return tell({ file: request.response as WireFile, sent: 1 });
    const body = request.response as { error?: { words?: string } } | null;
    tell({ refused: body?.error?.words ?? "" });
  };
  request.onerror = () => tell({ refused: "" });
  request.send(source);
  return request;
}
