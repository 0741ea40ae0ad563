import { ActionIcon, Autocomplete, Button, Group, Select, Stack, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { IconCheck, IconPencilCheck, IconX } from "@tabler/icons-react";
import { type SyntheticEvent, useState } from "react";
import { api } from "../api/client";
import type { EntitySpan, Why } from "../api/types";
import { useI18n } from "../i18n";
import { wordsOf } from "../shell/Failure";
import { selectedSpan, withSpan } from "./spans";
import css from "./correct.module.css";

interface Labels {
  intents: string[];
  entities: string[];
}

interface Correction {
  intent: string;
  entities: { start: number; end: number; entity: string; value?: string | null }[];
  entry_id: string | null;
  author_name: string;
}

type Span = Correction["entities"][number];

function asSpans(entities: readonly EntitySpan[]): Span[] {
  return entities.reduce<Span[]>((spans, { start, end, entity }) => withSpan(spans, { start, end, entity }), []);
}

/** The text with what is selected in it to be named; what is named can be taken away. */
function Entities({ text, spans, names, onChange }: { text: string; spans: readonly Span[]; names: readonly string[]; onChange: (spans: Span[]) => void }) {
  const { t } = useI18n();
  const [chosen, setChosen] = useState<{ start: number; end: number } | null>(null);
  const [name, setName] = useState("");
  const points = [...text];
  const select = (event: SyntheticEvent<HTMLInputElement>) => {
    const { selectionStart, selectionEnd } = event.currentTarget;
    setChosen(selectedSpan(text, selectionStart ?? 0, selectionEnd ?? 0));
  };
  return (
    <Stack gap={6}>
      {/* Not `readOnly`: browsers then let nobody select by keyboard. It keeps its words. */}
      <TextInput size="xs" aria-readonly inputMode="none" value={text} onChange={() => undefined} label={t("correct.entities")} description={t("correct.entities_hint")} onSelect={select} />
      {chosen && (
        <Group gap={6} wrap="nowrap">
          <Autocomplete size="xs" flex={1} value={name} onChange={setName} data={[...names]} aria-label={t("correct.entity")} placeholder={`“${points.slice(chosen.start, chosen.end).join("")}” = …`} />
          <ActionIcon
            variant="light"
            size={30}
            aria-label={t("action.add")}
            disabled={!name.trim()}
            onClick={() => {
              onChange(withSpan(spans, { ...chosen, entity: name.trim() }));
              setChosen(null);
            }}
          >
            <IconCheck size={16} />
          </ActionIcon>
        </Group>
      )}
      <div className={css.spans}>
        {spans.map((span) => (
          <span key={`${span.start}-${span.end}`} className={css.span}>
            {points.slice(span.start, span.end).join("")} <code>{span.entity}</code>
            <button type="button" aria-label={t("correct.remove", { what: points.slice(span.start, span.end).join("") })} onClick={() => onChange(spans.filter((one) => one !== span))}>
              <IconX size={12} aria-hidden />
            </button>
          </span>
        ))}
      </div>
    </Stack>
  );
}

interface Props {
  conversationId: string;
  messageId: string;
  why: Why;
  text: string;
}

/** What the customer meant, said by somebody who knows: becomes a labelled example. */
export function Correct({ conversationId, messageId, why, text }: Props) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const key = ["correction", conversationId, messageId];
  const path = `/api/conversations/${conversationId}/corrections`;
  const known = useQuery({ queryKey: key, queryFn: () => api<{ correction: Correction | null }>(`${path}/${messageId}`) });
  const labels = useQuery({ queryKey: ["labels"], queryFn: () => api<Labels>("/api/nlu/labels"), staleTime: Infinity });
  const [open, setOpen] = useState(false);
  const [intent, setIntent] = useState("");
  const [entry, setEntry] = useState<string | null>(null);
  const [spans, setSpans] = useState<Span[]>([]);
  const correction = known.data?.correction;
  const start = () => {
    setIntent(correction?.intent ?? why.understanding?.intent.name ?? "");
    setEntry(correction?.entry_id ?? null);
    setSpans(correction?.entities ?? asSpans(why.understanding?.entities ?? []));
    setOpen(true);
  };
  const save = useMutation({
    mutationFn: () => api(path, { method: "PUT", body: { message_id: messageId, intent: intent.trim(), entities: spans, entry_id: entry } }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: key });
      setOpen(false);
    },
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
  const entries = new Map((why.trace?.candidates ?? []).map(({ entry_id, question }) => [entry_id, question]));
  if (!open) {
    return (
      <div className={css.closed}>
        {correction && (
          <p className={css.done}>
            <IconPencilCheck size={15} aria-hidden /> {t("correct.done", { name: correction.author_name, intent: correction.intent })}
          </p>
        )}
        <Button size="xs" variant="light" leftSection={<IconPencilCheck size={15} />} disabled={!known.isSuccess} onClick={start}>
          {t(correction ? "correct.again" : "correct.title")}
        </Button>
      </div>
    );
  }
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (intent.trim()) save.mutate();
      }}
    >
      <Stack gap="sm">
        <Autocomplete size="xs" label={t("correct.intent")} value={intent} onChange={setIntent} data={labels.data?.intents ?? []} maxLength={200} limit={40} data-autofocus />
        <Entities text={text} spans={spans} names={labels.data?.entities ?? []} onChange={setSpans} />
        {entries.size > 0 && (
          <Select size="xs" label={t("correct.entry")} value={entry} onChange={setEntry} clearable clearButtonProps={{ "aria-label": t("correct.no_entry") }} data={[...entries].map(([value, label]) => ({ value, label }))} placeholder={t("correct.no_entry")} />
        )}
        <Group justify="flex-end" gap="xs">
          <Button size="xs" variant="default" onClick={() => setOpen(false)}>
            {t("action.cancel")}
          </Button>
          <Button size="xs" type="submit" loading={save.isPending} disabled={!intent.trim()}>
            {t("correct.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
