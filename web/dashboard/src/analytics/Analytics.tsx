import "@mantine/charts/styles.css";
import "@mantine/dates/styles.css";
import { Skeleton } from "@mantine/core";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { IconChartHistogram } from "@tabler/icons-react";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { Found, Nothing } from "../shell/Found";
import { Column, Frame } from "../shell/Frame";
import { AgentTable } from "./AgentTable";
import css from "./analytics.module.css";
import { DayCharts } from "./DayCharts";
import { ExportMenu } from "./ExportMenu";
import { isEmpty } from "./figures";
import { Headlines } from "./Headlines";
import { HourMap } from "./HourMap";
import { RangePicker } from "./RangePicker";
import { Missed, Rankings, Stars } from "./Rankings";
import { asked, type Chosen, useRange } from "./range";
import type { Report } from "./types";

const FRESH_MS = 60_000;

function useReport(chosen: Chosen) {
  return useQuery({
    queryKey: ["analytics", asked(chosen)],
    queryFn: ({ signal }) => api<Report>("/api/analytics", { query: asked(chosen), signal }),
    placeholderData: keepPreviousData,
    staleTime: FRESH_MS,
  });
}

function Empty() {
  const { t } = useI18n();
  return <Nothing icon={IconChartHistogram} title={t("analytics.empty")} hint={t("analytics.empty_hint")} />;
}

function Waiting() {
  return (
    <div aria-hidden="true" className={css.headlines}>
      {Array.from({ length: 8 }, (_, index) => (
        <Skeleton key={index} height={104} radius={12} />
      ))}
    </div>
  );
}

function Body({ report, fading }: { report: Report; fading: boolean }) {
  if (isEmpty(report.figures)) return <Empty />;
  return (
    <div className={css.body} data-fading={fading}>
      <Headlines now={report.figures} before={report.before} />
      <div className={css.panels}>
        <DayCharts days={report.days} />
        <HourMap hours={report.hours} zone={report.zone} />
        <Rankings report={report} />
        <Missed missed={report.missed} />
        <Stars stars={report.stars} />
        <AgentTable agents={report.agents} />
      </div>
    </div>
  );
}

/** What was going on: the figures of a range of days beside those of the days before. */
export default function Analytics() {
  const { t } = useI18n();
  const [chosen, choose] = useRange();
  const report = useReport(chosen);
  return (
    <Frame
      title={t("nav.analytics")}
      actions={<ExportMenu query={asked(chosen)} />}
    >
      <Column wide>
        <RangePicker chosen={chosen} onChoose={choose} />
        <Found query={report} waiting={<Waiting />}>
          {(data) => <Body report={data} fading={report.isPlaceholderData} />}
        </Found>
      </Column>
    </Frame>
  );
}
