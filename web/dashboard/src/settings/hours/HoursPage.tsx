import { Button, Select, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { Failure } from "../../shell/Failure";
import { BothInput } from "../../widget/fields";
import { Holidays } from "../../widget/Lists";
import type { SettingsAnswer, WidgetSettings } from "../../widget/types";
import { Card } from "../Card";
import settings from "../settings.module.css";
import { SettingsFrame } from "../SettingsFrame";
import { useSaved } from "../useSaved";
import css from "./hours.module.css";
import { WeekEditor } from "./WeekEditor";
import { isWrong, parseWeek, writeWeek } from "./week";

const SETTINGS = ["widget"];
const OPEN = ["office-open"];
const ZONES = Intl.supportedValuesOf("timeZone");

/** When somebody is at the desk: the week, the holidays, and what customers read meanwhile. */
export default function HoursPage() {
  const query = useQuery({ queryKey: SETTINGS, queryFn: () => api<SettingsAnswer>("/api/widget/settings") });
  if (query.isError) {
    return (
      <SettingsFrame>
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      </SettingsFrame>
    );
  }
  return query.data ? <Editor key={query.data.revision} found={query.data} /> : <SettingsFrame>{null}</SettingsFrame>;
}

function Editor({ found }: { found: SettingsAnswer }) {
  const { t } = useI18n();
  const [kept, setKept] = useState(found.settings);
  const change = (part: Partial<WidgetSettings>) => setKept({ ...kept, ...part });
  const week = parseWeek(kept.office_hours);
  const wrong = week?.some(isWrong) || kept.holidays.some(({ first, last }) => last < first);
  const save = useSaved((body: WidgetSettings) => api("/api/widget/settings", { method: "PUT", body: { settings: body, revision: found.revision } }), {
    stale: [SETTINGS, OPEN],
    told: t("owner.saved"),
  });
  const changed = JSON.stringify(kept) !== JSON.stringify(found.settings);
  return (
    <SettingsFrame
      actions={
        <Button size="sm" disabled={!changed || wrong} loading={save.isPending} onClick={() => save.mutate(kept)}>
          {t("action.save")}
        </Button>
      }
    >
      <Card title={t("hours.week")} hint={t("hours.hint")} actions={<OpenNow />}>
        <Select
          searchable
          className={css.zone}
          label={t("hours.zone")}
          allowDeselect={false}
          data={ZONES.includes(kept.timezone) ? ZONES : [kept.timezone, ...ZONES]}
          value={kept.timezone}
          onChange={(zone) => zone && change({ timezone: zone })}
        />
        {week ? (
          <WeekEditor week={week} onChange={(next) => change({ office_hours: writeWeek(next) })} />
        ) : (
          <TextInput label={t("hours.week")} value={kept.office_hours} onChange={(event) => change({ office_hours: event.currentTarget.value })} />
        )}
      </Card>
      <Card title={t("hours.holidays")} hint={t("hours.holidays_hint")}>
        <div className={css.form}>
          <Holidays items={kept.holidays} zone={kept.timezone} onChange={(holidays) => change({ holidays })} />
        </div>
      </Card>
      <Card title={t("hours.away")} hint={t("hours.away_hint")}>
        <BothInput label={t("hours.away")} rows={3} value={kept.away} onChange={(away) => change({ away })} />
      </Card>
    </SettingsFrame>
  );
}

/** By what is saved, as customers have it. */
function OpenNow() {
  const { t } = useI18n();
  const state = useQuery({ queryKey: OPEN, queryFn: () => api<{ office_open: boolean }>("/api/widget/config"), refetchInterval: 60_000 });
  if (!state.data) return null;
  return (
    <span className={settings.state} data-state={state.data.office_open ? "good" : "warn"}>
      {t(state.data.office_open ? "hours.open_now" : "hours.closed_now")}
    </span>
  );
}
