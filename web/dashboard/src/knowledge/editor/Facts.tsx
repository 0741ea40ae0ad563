import "@mantine/dates/styles.css";
import { Autocomplete, Select, TagsInput } from "@mantine/core";
import { DateTimePicker } from "@mantine/dates";
import { useQuery } from "@tanstack/react-query";
import dayjs from "dayjs";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { AUDIENCES, type Audience, type ListAnswer } from "../types";
import type { Draft } from "./draft";
import css from "./editor.module.css";

interface Props {
  draft: Draft;
  onChange: (changed: Partial<Draft>) => void;
  validityError: string | null;
  readOnly: boolean;
}

/** The picker speaks local time without a zone; the server takes instants. */
const toPicker = (iso: string | null) => (iso ? dayjs(iso).format("YYYY-MM-DD HH:mm:ss") : null);
const toInstant = (local: string | null) => (local ? dayjs(local).toISOString() : null);

/** Category, validity, who may see it, and keywords. */
export function Facts({ draft, onChange, validityError, readOnly }: Props) {
  const { t } = useI18n();
  const list = useQuery({ queryKey: ["faq", "categories"], queryFn: () => api<ListAnswer>("/api/faq", { query: { limit: 1 } }) });
  const categories = (list.data?.categories ?? []).map(({ name }) => name).filter(Boolean);
  const picker = (field: "valid_from" | "valid_until", label: string, placeholder: string, error: string | null) => (
    <DateTimePicker
      label={label}
      placeholder={placeholder}
      value={toPicker(draft[field])}
      onChange={(value) => onChange({ [field]: toInstant(value) })}
      valueFormat="YYYY-MM-DD HH:mm"
      clearable={!readOnly}
      readOnly={readOnly}
      error={error}
      clearButtonProps={{ "aria-label": t("action.clear") }}
      popoverProps={{ withinPortal: true }}
    />
  );
  return (
    <section className={css.side} aria-label={t("editor.facts")}>
      <div className={css.facts}>
        <Autocomplete
          label={t("knowledge.category")}
          placeholder={t("editor.category_hint")}
          data={categories}
          value={draft.category}
          onChange={(category) => onChange({ category })}
          maxLength={100}
          readOnly={readOnly}
        />
        <div className={css.pair}>
          {picker("valid_from", t("editor.valid_from"), t("editor.always"), null)}
          {picker("valid_until", t("editor.valid_until"), t("editor.forever"), validityError)}
        </div>
        <Select
          label={t("editor.audience")}
          description={t(`audience_hint.${draft.audience}`)}
          data={AUDIENCES.map((value) => ({ value, label: t(`audience.${value}`) }))}
          value={draft.audience}
          onChange={(audience) => audience && onChange({ audience: audience as Audience })}
          allowDeselect={false}
          readOnly={readOnly}
        />
        <TagsInput
          label={t("editor.keywords")}
          placeholder={draft.keywords.length > 0 ? "" : t("editor.keywords_hint")}
          value={draft.keywords}
          onChange={(keywords) => onChange({ keywords })}
          maxTags={100}
          readOnly={readOnly}
        />
        {draft.source && (
          <p className={css.source}>
            {t("editor.source")}: {draft.source}
          </p>
        )}
      </div>
    </section>
  );
}
