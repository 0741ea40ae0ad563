import { Skeleton } from "@mantine/core";
import { IconFileText } from "@tabler/icons-react";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import { ago, fullTime } from "../i18n/time";
import chips from "./chips.module.css";
import css from "./entries.module.css";
import { StatusChip } from "./StatusChip";
import { type EntrySummary, LANGUAGES } from "./types";

function Languages({ row }: { row: EntrySummary }) {
  const { t, code } = useI18n();
  const said = LANGUAGES.filter((language) => row.titles[language]).map((language) => code("language", language));
  return (
    <span className={css.languages} role="img" aria-label={t("entry.speaks", { languages: said.join(", ") })}>
      {LANGUAGES.map((language) => (
        <span key={language} className={chips.language} data-missing={!row.titles[language]}>
          {language.toUpperCase()}
        </span>
      ))}
    </span>
  );
}

export function EntryRow({ row, now, onFocus }: { row: EntrySummary; now: number; onFocus: () => void }) {
  const { language, locale, code } = useI18n();
  const title = row.titles[language] ?? row.title;
  const other = LANGUAGES.filter((one) => row.titles[one] && row.titles[one] !== title).map((one) => row.titles[one])[0];
  return (
    <Link to={`/knowledge/entries/${encodeURIComponent(row.id)}`} className={css.row ?? ""} onFocus={onFocus}>
      <span className={css.texts}>
        <span className={css.name}>
          {row.kind === "passage" && <IconFileText size={15} aria-hidden className={css.passage} />}
          {title}
        </span>
        <span className={css.second}>{row.kind === "passage" ? row.source : (other ?? row.id)}</span>
      </span>
      <span className={css.category}>{row.category && <span className={chips.tag}>{row.category}</span>}</span>
      <Languages row={row} />
      <span className={css.status}>
        <StatusChip entry={row} />
      </span>
      <time className={css.when} dateTime={row.updated_at} title={fullTime(row.updated_at, locale)}>
        <span>{ago(row.updated_at, locale, now)}</span>
        <span className={css.who}>{code("author_name", row.updated_by)}</span>
      </time>
    </Link>
  );
}

export function EntryRowsWaiting() {
  return (
    <div aria-hidden="true">
      {Array.from({ length: 12 }, (_, index) => (
        <div key={index} className={css.row}>
          <span className={css.texts}>
            <Skeleton height={12} width={`${40 + ((index * 13) % 35)}%`} mb={9} />
            <Skeleton height={10} width={`${25 + ((index * 7) % 25)}%`} />
          </span>
        </div>
      ))}
    </div>
  );
}
