import { Button } from "@mantine/core";
import { IconBooks, IconSearchOff } from "@tabler/icons-react";
import { useI18n } from "../i18n";
import css from "./entries.module.css";

export function EntriesEmpty({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { t } = useI18n();
  if (filtered) {
    return (
      <div className={css.empty}>
        <IconSearchOff size={36} stroke={1.4} aria-hidden />
        <h2>{t("knowledge.nothing_found")}</h2>
        <Button variant="default" onClick={onClear}>
          {t("knowledge.clear_filter")}
        </Button>
      </div>
    );
  }
  return (
    <div className={css.empty}>
      <IconBooks size={44} stroke={1.3} aria-hidden />
      <h2>{t("knowledge.empty")}</h2>
      <p>{t("knowledge.empty_hint")}</p>
    </div>
  );
}
