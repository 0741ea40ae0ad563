import { Button, Menu } from "@mantine/core";
import { IconFlame, IconPlayerStop } from "@tabler/icons-react";
import { useI18n } from "../../i18n";
import { duration } from "../../i18n/time";
import css from "./operations.module.css";
import type { Rung } from "./useLadder";

const SPANS_S = [15, 60, 300];

interface Props {
  rung: Rung;
  now: number;
  onStart: (seconds: number) => void;
  onEnd: () => void;
}

/** Starts a drill of one part, shows how long it still lasts, and ends it. */
export function DrillControl({ rung, now, onStart, onEnd }: Props) {
  const { t } = useI18n();
  const part = t(`ops.part.${rung.part}`);
  const left = rung.drill_until ? Date.parse(rung.drill_until) - now : 0;
  if (left > 0) {
    return (
      <Button className={css.drill ?? ""} size="xs" color="red" variant="light" leftSection={<IconPlayerStop size={15} aria-hidden />} aria-label={t("ops.end_of", { part })} onClick={onEnd}>
        {t("ops.end", { time: duration(left) })}
      </Button>
    );
  }
  return (
    <Menu position="bottom-end" withinPortal disabled={!rung.can_drill}>
      <Menu.Target>
        <Button className={css.drill ?? ""} size="xs" variant="default" disabled={!rung.can_drill} leftSection={<IconFlame size={15} aria-hidden />} aria-label={t("ops.drill_of", { part })}>
          {t("ops.drill")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label className={css.warning ?? ""}>{t("ops.drill_hint")}</Menu.Label>
        {SPANS_S.map((seconds) => (
          <Menu.Item key={seconds} onClick={() => onStart(seconds)}>
            {t("ops.for", { time: duration(seconds * 1000) })}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
