import { SegmentedControl } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { IconCalendar } from "@tabler/icons-react";
import { useState } from "react";
import { useI18n } from "../i18n";
import css from "./analytics.module.css";
import { type Chosen, type Range, SPANS } from "./range";

const OWN = "own";

export function RangePicker({ chosen, onChoose }: { chosen: Chosen; onChoose: (next: number | Range) => void }) {
  const { t, language } = useI18n();
  const [own, setOwn] = useState(chosen.days === null);
  const [dates, setDates] = useState<[string | null, string | null]>([chosen.range.from, chosen.range.to]);
  const pick = (picked: [string | null, string | null]) => {
    setDates(picked);
    if (picked[0] && picked[1]) onChoose({ from: picked[0], to: picked[1] });
  };
  const choose = (value: string) => {
    setOwn(value === OWN);
    if (value === OWN) setDates([chosen.range.from, chosen.range.to]);
    else onChoose(Number(value));
  };
  return (
    <div className={css.range}>
      <SegmentedControl
        size="xs"
        aria-label={t("analytics.range")}
        value={own ? OWN : String(chosen.days)}
        onChange={choose}
        data={[
          ...SPANS.map((days) => ({ value: String(days), label: t("analytics.days", { days }) })),
          { value: OWN, label: t("analytics.own_range") },
        ]}
      />
      {own && (
        <DatePickerInput
          type="range"
          size="xs"
          locale={language === "zh" ? "zh-cn" : "en"}
          aria-label={t("analytics.own_range")}
          valueFormat={language === "zh" ? "YYYY/M/D" : "D MMM YYYY"}
          leftSection={<IconCalendar size={15} aria-hidden />}
          maxDate={new Date()}
          value={dates}
          onChange={pick}
          className={css.dates}
        />
      )}
    </div>
  );
}
