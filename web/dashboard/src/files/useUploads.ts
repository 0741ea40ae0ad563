import { useSyncExternalStore } from "react";
import type { WireFile } from "../../../shared/events";
import { useI18n } from "../i18n";
import { useDesk } from "../live/context";
import { MAX_FILES } from "./uploads";

/** The files that will go with the next reply to this conversation. */
export function useUploads(conversationId: string) {
  const { uploads } = useDesk();
  const { language } = useI18n();
  const items = useSyncExternalStore(uploads.subscribe, () => uploads.of(conversationId));
  return {
    items,
    add: (files: readonly File[]) => uploads.add(conversationId, language, files),
    place: (files: readonly WireFile[]) => uploads.place(conversationId, files),
    remove: (id: number) => uploads.remove(conversationId, id),
    clear: () => uploads.clear(conversationId),
    ready: items.flatMap(({ file }) => (file ? [file] : [])),
    busy: items.some(({ file, refused }) => !file && refused === null),
    full: items.length >= MAX_FILES,
  };
}
