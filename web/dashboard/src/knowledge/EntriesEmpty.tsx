import { Button } from "@mantine/core";
import { IconBooks, IconSearchOff, IconUpload } from "@tabler/icons-react";
import { Link } from "react-router";
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
      <span className={css.invite}>
        <Button component={Link} to="/knowledge/import" leftSection={<IconUpload size={16} />}>
          {t("import.title")}
        </Button>
        <Button component={Link} to="/knowledge/entries/new" variant="default">
          {t("knowledge.new")}
        </Button>
      </span>
    </div>
  );
}
