import { Button } from "@mantine/core";
import { IconBooks, IconSearchOff, IconUpload } from "@tabler/icons-react";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import { Nothing } from "../shell/Found";

export function EntriesEmpty({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  const { t } = useI18n();
  if (filtered) {
    return (
      <Nothing icon={IconSearchOff} title={t("knowledge.nothing_found")}>
        <Button variant="default" onClick={onClear}>
          {t("knowledge.clear_filter")}
        </Button>
      </Nothing>
    );
  }
  return (
    <Nothing icon={IconBooks} title={t("knowledge.empty")} hint={t("knowledge.empty_hint")}>
      <Button component={Link} to="/knowledge/import" leftSection={<IconUpload size={16} />}>
        {t("import.title")}
      </Button>
      <Button component={Link} to="/knowledge/entries/new" variant="default">
        {t("knowledge.new")}
      </Button>
    </Nothing>
  );
}
