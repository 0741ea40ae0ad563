import "@mantine/dates/styles.css";
import { ActionIcon, Button, NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useI18n } from "../i18n";
import { BothInput } from "./fields";
import type { Holiday, Proposal, Question } from "./types";
import css from "./widget.module.css";

interface ListProps<Item> {
  items: Item[];
  limit: number;
  fresh: () => Item;
  add: string;
  onChange: (items: Item[]) => void;
  row: (item: Item, change: (part: Partial<Item>) => void) => ReactNode;
}

function List<Item extends object>({ items, limit, fresh, add, onChange, row }: ListProps<Item>) {
  const { t } = useI18n();
  const change = (at: number) => (part: Partial<Item>) => onChange(items.map((item, index) => (index === at ? { ...item, ...part } : item)));
  return (
    <>
      {items.map((item, index) => (
        <div key={index} className={css.card}>
          <div>{row(item, change(index))}</div>
          <ActionIcon variant="subtle" color="red" aria-label={t("widget.remove", { number: index + 1 })} onClick={() => onChange(items.filter((_, at) => at !== index))}>
            <IconTrash size={17} />
          </ActionIcon>
        </div>
      ))}
      <Button variant="default" size="xs" leftSection={<IconPlus size={15} />} disabled={items.length >= limit} onClick={() => onChange([...items, fresh()])}>
        {add}
      </Button>
    </>
  );
}

const KINDS = ["text", "email", "phone", "choice"] as const;

export function Questions({ items, onChange }: { items: Question[]; onChange: (items: Question[]) => void }) {
  const { t } = useI18n();
  const fresh = (): Question => ({ key: items.length === 0 ? "name" : `question_${items.length + 1}`, kind: "text", label: { zh: "", en: "" }, required: false, choices: [] });
  return (
    <List items={items} limit={6} fresh={fresh} add={t("widget.add_question")} onChange={onChange} row={(item, change) => (
      <>
        <div className={css.line}>
          <TextInput label={t("widget.key")} description={t("widget.key_hint")} value={item.key} onChange={(event) => change({ key: event.currentTarget.value })} />
          <Select label={t("widget.kind")} data={KINDS.map((value) => ({ value, label: t(`widget.kind_${value}`) }))} value={item.kind} allowDeselect={false} onChange={(value) => change({ kind: (value ?? "text") as Question["kind"] })} />
          <Switch label={t("widget.required")} checked={item.required} onChange={(event) => change({ required: event.currentTarget.checked })} />
        </div>
        <BothInput label={t("widget.question")} value={item.label} onChange={(label) => change({ label })} />
        {item.kind === "choice" && (
          <BothInput
            label={t("widget.choices")}
            rows={3}
            value={{ zh: item.choices.map(({ zh }) => zh).join("\n"), en: item.choices.map(({ en }) => en).join("\n") }}
            onChange={({ zh, en }) => {
              const [left, right] = [zh.split("\n"), en.split("\n")];
              change({ choices: Array.from({ length: Math.max(left.length, right.length) }, (_, at) => ({ zh: left[at] ?? "", en: right[at] ?? "" })) });
            }}
          />
        )}
      </>
    )} />
  );
}

export function Proposals({ items, onChange }: { items: Proposal[]; onChange: (items: Proposal[]) => void }) {
  const { t } = useI18n();
  const fresh = (): Proposal => ({ id: crypto.randomUUID().replaceAll("-", ""), enabled: true, page: "*", after_s: 10, words: { zh: "", en: "" } });
  return (
    <List items={items} limit={8} fresh={fresh} add={t("widget.add_proposal")} onChange={onChange} row={(item, change) => (
      <>
        <div className={css.line}>
          <TextInput label={t("widget.page")} description={t("widget.page_hint")} value={item.page} onChange={(event) => change({ page: event.currentTarget.value })} />
          <NumberInput label={t("widget.after")} min={0} max={3600} value={item.after_s} onChange={(value) => change({ after_s: Number(value) || 0 })} />
          <Switch label={t("widget.enabled")} checked={item.enabled} onChange={(event) => change({ enabled: event.currentTarget.checked })} />
        </div>
        <BothInput label={t("widget.words")} value={item.words} onChange={(words) => change({ words })} />
      </>
    )} />
  );
}

/** `zone`: where the office is, which has its own today. */
export function Holidays({ items, zone, onChange }: { items: Holiday[]; zone: string; onChange: (items: Holiday[]) => void }) {
  const { t, language } = useI18n();
  const shown = { locale: language === "zh" ? "zh-cn" : "en", valueFormat: language === "zh" ? "YYYY/M/D" : "D MMM YYYY" };
  const today = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" }).format();
  return (
    <List items={items} limit={100} fresh={() => ({ first: today, last: today, name: "" })} add={t("widget.add_holiday")} onChange={onChange} row={(item, change) => (
      <div className={css.line}>
        <DatePickerInput {...shown} label={t("widget.first")} value={item.first} onChange={(first) => first && change({ first, last: first > item.last ? first : item.last })} />
        <DatePickerInput {...shown} label={t("widget.last")} value={item.last} minDate={item.first} onChange={(last) => last && change({ last })} />
        <TextInput label={t("widget.name")} value={item.name} onChange={(event) => change({ name: event.currentTarget.value })} />
      </div>
    )} />
  );
}
