import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import css from "./unanswered.module.css";

interface Props {
  intent: string | null;
  onChange: (intent: string | null) => void;
}

/** What the questions of a group teach the bot's understanding, besides the entry. */
export function ExamplesOf({ intent, onChange }: Props) {
  const { t, code } = useI18n();
  const labels = useQuery({ queryKey: ["labels"], queryFn: () => api<{ intents: string[] }>("/api/nlu/labels"), staleTime: Infinity });
  const intents = labels.data?.intents ?? (intent ? [intent] : []);
  return (
    <label className={css.examples} title={t("unanswered.examples_hint")}>
      {t("unanswered.examples_of")}
      <NativeSelect
        size="xs"
        value={intent ?? ""}
        onChange={(event) => onChange(event.currentTarget.value || null)}
        data={[{ value: "", label: t("unanswered.no_examples") }, ...intents.map((name) => ({ value: name, label: code("intent", name) }))]}
      />
    </label>
  );
}
