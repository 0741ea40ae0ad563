import { ActionIcon, Button, Switch, Text } from "@mantine/core";
import { IconCopy, IconPlus, IconX } from "@tabler/icons-react";
import { useI18n } from "../../i18n";
import css from "./hours.module.css";
import { TimeField } from "./TimeField";
import { isWrong, type Span, type Week } from "./week";

const WORKDAY: Span = { start: "09:00", end: "18:00" };
const MIDNIGHT = "24:00";
const MONDAY = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

function dayName(day: number, locale: string): string {
  return new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" }).format(MONDAY + day * DAY_MS);
}

/** Each weekday's hours: closed, or one or more spans. */
export function WeekEditor({ week, onChange }: { week: Week; onChange: (week: Week) => void }) {
  const { locale } = useI18n();
  const set = (day: number, spans: readonly Span[]) => onChange(week.map((old, at) => (at === day ? spans : old)));
  return (
    <ul className={css.week}>
      {week.map((spans, day) => (
        <Day
          key={day}
          name={dayName(day, locale)}
          spans={spans}
          onChange={(next) => set(day, next)}
          {...(day === 0 ? { onCopy: () => onChange(week.map((old, at) => (at < 5 ? spans : old))) } : {})}
        />
      ))}
    </ul>
  );
}

interface DayProps {
  name: string;
  spans: readonly Span[];
  onChange: (spans: readonly Span[]) => void;
  onCopy?: () => void;
}

function Day({ name, spans, onChange, onCopy }: DayProps) {
  const { t } = useI18n();
  const wrong = isWrong(spans);
  const change = (at: number, part: Partial<Span>) => onChange(spans.map((span, index) => (index === at ? { ...span, ...part } : span)));
  return (
    <li className={css.day} aria-label={name}>
      <Switch className={css.open} label={name} checked={spans.length > 0} onChange={(event) => onChange(event.currentTarget.checked ? [WORKDAY] : [])} />
      <div className={css.spans}>
        {spans.length === 0 && <span className={css.closed}>{t("hours.closed")}</span>}
        {spans.map((span, index) => (
          <span key={index} className={css.span}>
            <TimeField label={`${name}: ${t("hours.from")}`} wrong={wrong} value={span.start} onChange={(start) => change(index, { start })} />
            <span aria-hidden>–</span>
            <TimeField label={`${name}: ${t("hours.to")}`} wrong={wrong} value={span.end} onChange={(end) => change(index, { end: end === "00:00" ? MIDNIGHT : end })} />
            {span.start === "00:00" && span.end === MIDNIGHT && <span className={css.closed}>{t("hours.all_day")}</span>}
            {spans.length > 1 && (
              <ActionIcon size={24} aria-label={t("hours.remove", { day: name, number: index + 1 })} onClick={() => onChange(spans.filter((_, at) => at !== index))}>
                <IconX size={14} />
              </ActionIcon>
            )}
          </span>
        ))}
        {wrong && (
          <Text size="xs" c="var(--lx-bad)" role="alert">
            {t("hours.wrong")}
          </Text>
        )}
      </div>
      {spans.length > 0 && (
        <span className={css.tools}>
          {onCopy && (
            <Button size="compact-xs" variant="subtle" leftSection={<IconCopy size={13} aria-hidden />} onClick={onCopy}>
              {t("hours.copy")}
            </Button>
          )}
          <ActionIcon size={26} disabled={spans.length > 3} aria-label={t("hours.add", { day: name })} onClick={() => onChange([...spans, { start: spans.at(-1)?.end ?? "", end: MIDNIGHT }])}>
            <IconPlus size={15} />
          </ActionIcon>
        </span>
      )}
    </li>
  );
}
