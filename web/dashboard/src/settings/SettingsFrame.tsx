import type { ReactNode } from "react";
import { useI18n } from "../i18n";
import { Column, Frame } from "../shell/Frame";
import { isSetting, pagesFor } from "../shell/pages";
import { useMe } from "../shell/session";
import css from "./settings.module.css";

/** A page of the settings: their tabs over one column. */
export function SettingsFrame({ hint, actions, children }: { hint?: string; actions?: ReactNode; children: ReactNode }) {
  const { t } = useI18n();
  const tabs = pagesFor(useMe())
    .filter(isSetting)
    .map((page) => ({ to: page.path, label: t(page.label) }));
  return (
    <Frame title={t("nav.settings")} tabs={tabs} actions={actions}>
      <Column>
        {hint && <p className={css.hint}>{hint}</p>}
        <div className={css.cards}>{children}</div>
      </Column>
    </Frame>
  );
}
