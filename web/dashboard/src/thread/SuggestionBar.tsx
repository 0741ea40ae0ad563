import { useQuery } from "@tanstack/react-query";
import { IconBook2, IconPaperclip } from "@tabler/icons-react";
import { useHotkeys } from "@mantine/hooks";
import type { WireFile } from "../../../shared/events";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import type { Audience } from "../knowledge/types";
import css from "./note.module.css";

export interface Suggestion {
  entry_id: string;
  title: string;
  question: string;
  answer: string;
  score: number;
  audience: Audience;
  /** They go with the reply. */
  files: WireFile[];
}

interface Props {
  conversationId: string;
  /** The customer's last message: the knowledge is asked once for each. */
  seq: number;
  onPick: (suggestion: Suggestion) => void;
}

/** What the knowledge would say to the customer's last words; Alt and a digit take it. */
export function SuggestionBar({ conversationId, seq, onPick }: Props) {
  const { t } = useI18n();
  const found = useQuery({
    queryKey: ["suggestions", conversationId, seq],
    queryFn: ({ signal }) => api<{ items: Suggestion[] }>(`/api/conversations/${conversationId}/suggestions`, { signal }),
    staleTime: Infinity,
    retry: false,
  });
  const items = found.data?.items ?? [];
  const take = (index: number) => {
    const one = items[index];
    if (one) onPick(one);
  };
  useHotkeys(
    [
      ["alt+1", () => take(0)],
      ["alt+2", () => take(1)],
      ["alt+3", () => take(2)],
    ],
    [],
  );
  if (items.length === 0) return null;
  return (
    <section className={css.suggestions} aria-label={t("suggest.title")}>
      <h3>
        <IconBook2 size={13} aria-hidden /> {t("suggest.title")}
      </h3>
      {items.map((one, index) => (
        <button key={one.entry_id} type="button" className={css.suggestion} title={one.answer} onClick={() => onPick(one)}>
          <kbd className={css.key}>Alt {index + 1}</kbd>
          <span>
            <b>{one.title}</b> <i>{one.answer.replace(/\s+/g, " ")}</i>
          </span>
          <small>
            {one.files.length > 0 && (
              <span className={css.withFiles} title={one.files.map(({ name }) => name).join("\n")}>
                <IconPaperclip size={13} aria-hidden /> {t("suggest.files", { count: one.files.length })}
              </span>
            )}
            {one.audience !== "everyone" && `${t(`audience.${one.audience}`)} · `}
            {Math.round(one.score * 100)}%
          </small>
        </button>
      ))}
    </section>
  );
}
