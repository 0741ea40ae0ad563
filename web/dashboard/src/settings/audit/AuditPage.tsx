import "@mantine/dates/styles.css";
import { Button, Select } from "@mantine/core";
import { DatePickerInput } from "@mantine/dates";
import { IconCalendar, IconLink, IconUnlink } from "@tabler/icons-react";
import { useState } from "react";
import { useI18n } from "../../i18n";
import { Failure } from "../../shell/Failure";
import settings from "../settings.module.css";
import { SettingsFrame } from "../SettingsFrame";
import css from "./audit.module.css";
import { Entry } from "./Entry";
import { type Asked, useAudit, useAuditState } from "./useAudit";

const ALL: Asked = { actor: null, action: null, days: [null, null] };

/** Who did what to what, the latest first, and whether the log is whole. */
export default function AuditPage() {
  const { t } = useI18n();
  const [asked, setAsked] = useState(ALL);
  const log = useAudit(asked);
  const rows = log.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <SettingsFrame hint={t("audit.hint")}>
      <Chain />
      <div className={css.log}>
        <Narrow asked={asked} onChange={setAsked} />
        {log.isError && <Failure error={log.error} onRetry={() => void log.refetch()} />}
        {log.isSuccess && rows.length === 0 && <p className={css.nothing}>{t("audit.nothing")}</p>}
        <ol className={css.rows} aria-label={t("nav.audit")}>
          {rows.map((row) => (
            <Entry key={row.position} row={row} />
          ))}
        </ol>
        {log.hasNextPage && (
          <Button className={css.more ?? ""} variant="subtle" loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
            {t("action.more")}
          </Button>
        )}
      </div>
    </SettingsFrame>
  );
}

function Narrow({ asked, onChange }: { asked: Asked; onChange: (asked: Asked) => void }) {
  const { t, code, language } = useI18n();
  const state = useAuditState();
  const actors = (state.data?.actors ?? []).map(({ id, name }) => ({ value: id, label: name ?? code("audit.by", id) }));
  const actions = (state.data?.actions ?? []).map((value) => ({ value, label: code("audit.did", value) }));
  const byLabel = (a: { label: string }, b: { label: string }) => a.label.localeCompare(b.label, language);
  return (
    <div className={css.filters}>
      <Select clearable searchable size="xs" aria-label={t("audit.who")} placeholder={t("audit.who")} data={actors.sort(byLabel)} value={asked.actor} onChange={(actor) => onChange({ ...asked, actor })} />
      <Select clearable searchable size="xs" aria-label={t("audit.what")} placeholder={t("audit.what")} data={actions.sort(byLabel)} value={asked.action} onChange={(action) => onChange({ ...asked, action })} />
      <DatePickerInput
        type="range"
        clearable
        allowSingleDateInRange
        size="xs"
        locale={language === "zh" ? "zh-cn" : "en"}
        aria-label={t("audit.when")}
        placeholder={t("audit.when")}
        valueFormat={language === "zh" ? "YYYY/M/D" : "D MMM YYYY"}
        leftSection={<IconCalendar size={15} aria-hidden />}
        maxDate={new Date()}
        value={asked.days}
        onChange={(days) => onChange({ ...asked, days })}
      />
    </div>
  );
}

/** Every entry's hash covers the one before: whether that still holds from the first to the last. */
function Chain() {
  const { t } = useI18n();
  const state = useAuditState();
  if (state.isError) return <Failure error={state.error} onRetry={() => void state.refetch()} />;
  const broken = state.data?.first_broken ?? null;
  const words = !state.data
    ? t("audit.checking")
    : broken === null
      ? t("audit.whole", { count: state.data.entries })
      : t("audit.broken", { position: broken });
  return (
    <div className={css.chain} role="status">
      <span className={settings.state} data-state={state.data ? (broken === null ? "good" : "bad") : ""}>
        {broken === null ? <IconLink size={15} aria-hidden /> : <IconUnlink size={15} aria-hidden />}
        {words}
      </span>
      <Button size="compact-sm" variant="subtle" loading={state.isFetching} onClick={() => void state.refetch()}>
        {t("audit.check")}
      </Button>
    </div>
  );
}
