import { Button, Menu } from "@mantine/core";
import { IconChevronDown, IconDownload, IconUpload } from "@tabler/icons-react";
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { isSupervisor, useMe } from "../../shell/session";
import { EXPORT_FORMATS } from "./types";

/** The ways in and out by file. */
export function FileMenu() {
  const { t, language } = useI18n();
  const supervisor = isSupervisor(useMe());
  return (
    <Menu position="bottom-end" width={230} shadow="md">
      <Menu.Target>
        <Button variant="default" size="sm" rightSection={<IconChevronDown size={15} />}>
          {t("import.menu")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} to="/knowledge/import" leftSection={<IconUpload size={16} />} disabled={!supervisor}>
          {t("import.title")}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t("export.title")}</Menu.Label>
        {EXPORT_FORMATS.map((format) => (
          <Menu.Item key={format} component="a" href={`/api/faq/export?format=${format}&language=${language}`} download leftSection={<IconDownload size={16} />}>
            {t(`export.${format}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
