import { BarChart } from "@mantine/charts";
import { useReducedMotion } from "@mantine/hooks";
import { useI18n } from "../i18n";
import { Panel } from "./Panel";
import type { Day } from "./types";

const HEIGHT_PX = 240;

interface Series {
  name: string;
  label: string;
  color: string;
}

function Stacked({ data, series }: { data: Record<string, unknown>[]; series: Series[] }) {
  const still = useReducedMotion();
  return (
    <BarChart
      h={HEIGHT_PX}
      data={data}
      dataKey="day"
      type="stacked"
      series={series}
      withLegend
      legendProps={{ verticalAlign: "bottom", height: 44 }}
      styles={{ legendItemName: { fontSize: 12 }, legendItem: { padding: "4px 6px" } }}
      tickLine="none"
      gridAxis="x"
      maxBarWidth={36}
      xAxisProps={{ minTickGap: 22, tickMargin: 8 }}
      yAxisProps={{ allowDecimals: false, width: 40, domain: [0, "auto"] }}
      barProps={{ isAnimationActive: !still, animationDuration: 250 }}
      tooltipAnimationDuration={0}
      style={{ "--chart-grid-color": "var(--lx-line)", "--chart-text-color": "var(--lx-muted)", "--chart-cursor-fill": "var(--lx-hover)" }}
    />
  );
}

export function DayCharts({ days }: { days: readonly Day[] }) {
  const { t, locale } = useI18n();
  const show = new Intl.DateTimeFormat(locale, { month: "short", day: "numeric", timeZone: "UTC" });
  const rows = days.map((day) => ({ ...day, day: show.format(Date.parse(day.day)), open: day.conversations - day.to_human - day.resolved_by_bot }));
  return (
    <>
      <Panel wide title={t("analytics.volume")} hint={t("analytics.volume_hint")}>
        <Stacked
          data={rows}
          series={[
            { name: "resolved_by_bot", label: t("analytics.by_bot"), color: "var(--lx-accent)" },
            { name: "to_human", label: t("analytics.to_human"), color: "var(--lx-chart-2)" },
            { name: "open", label: t("analytics.open"), color: "var(--lx-chart-3)" },
          ]}
        />
      </Panel>
      <Panel title={t("analytics.moods")} hint={t("analytics.moods_hint")}>
        <Stacked
          data={rows}
          series={[
            { name: "negative", label: t("analytics.negative"), color: "var(--lx-chart-bad)" },
            { name: "neutral", label: t("analytics.neutral"), color: "var(--lx-chart-3)" },
            { name: "positive", label: t("analytics.positive"), color: "var(--lx-chart-good)" },
          ]}
        />
      </Panel>
    </>
  );
}
