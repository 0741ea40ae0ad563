import { useI18n } from "../i18n";
import css from "./chips.module.css";
import { shownStatus } from "./status";
import type { EntrySummary } from "./types";

const TONES = { published: "good", changed: "accent", draft: "plain", expired: "warn", scheduled: "accent", archived: "plain" } as const;

/** Whether customers get an entry, in a word and a colour. */
export function StatusChip({ entry }: { entry: Pick<EntrySummary, "status" | "live" | "valid_from" | "valid_until" | "published_version"> }) {
  const { t } = useI18n();
  const shown = shownStatus(entry, Date.now());
  return (
    <span className={css.chip} data-tone={TONES[shown]} title={t(`status_hint.${shown}`)}>
      <span className={css.dot} aria-hidden="true" />
      {t(`entry_status.${shown}`)}
    </span>
  );
}
