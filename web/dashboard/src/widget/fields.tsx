import { Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useI18n } from "../i18n";
import type { Both } from "./types";
import css from "./widget.module.css";

export function Section({ title, hint, children }: { title: string; hint?: string; children: ReactNode }) {
  return (
    <section className={css.section}>
      <h2>{title}</h2>
      {hint && <p className={css.hint}>{hint}</p>}
      {children}
    </section>
  );
}

interface BothProps {
  label: string;
  value: Both;
  rows?: number;
  onChange: (value: Both) => void;
}

/** The same words in both languages, side by side. */
export function BothInput({ label, value, rows, onChange }: BothProps) {
  const { t } = useI18n();
  return (
    <div className={css.both}>
      {(["zh", "en"] as const).map((language) => {
        const shape = {
          label: `${label} · ${t(`widget.${language}`)}`,
          value: value[language],
          maxLength: 1000,
          onChange: ({ currentTarget }: { currentTarget: { value: string } }) => onChange({ ...value, [language]: currentTarget.value }),
        };
        return rows ? <Textarea key={language} {...shape} rows={rows} autosize={false} /> : <TextInput key={language} {...shape} />;
      })}
    </div>
  );
}
