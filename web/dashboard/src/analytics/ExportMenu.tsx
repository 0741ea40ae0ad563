import { Button, Menu } from "@mantine/core";
import { IconDownload, IconFileSpreadsheet, IconTable } from "@tabler/icons-react";
import { useI18n } from "../i18n";

const TABLES = ["days", "agents", "intents", "missed"] as const;

/** Plain links: the browser downloads them as it downloads anything. */
export function ExportMenu({ query }: { query: Record<string, string> }) {
  const { t } = useI18n();
  const address = (more: Record<string, string>) => `/api/analytics/export?${new URLSearchParams({ ...query, ...more })}`;
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconDownload size={15} aria-hidden />}>
          {t("analytics.export")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component="a" href={address({ format: "xlsx" })} download leftSection={<IconFileSpreadsheet size={16} />}>
          {t("analytics.export_all")}
        </Menu.Item>
        {TABLES.map((table) => (
          <Menu.Item key={table} component="a" href={address({ format: "csv", table })} download leftSection={<IconTable size={16} />}>
            CSV · {t(`analytics.table.${table}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
