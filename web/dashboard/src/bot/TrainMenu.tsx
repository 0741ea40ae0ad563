import { Button, Checkbox, Popover, Radio, Stack } from "@mantine/core";
import { IconBolt } from "@tabler/icons-react";
import { useState } from "react";
import { useI18n } from "../i18n";

interface Props {
  disabled: boolean;
  onTrain: (how: { profile: "fast" | "best"; corrections: boolean }) => void;
}

export function TrainMenu({ disabled, onTrain }: Props) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  const [profile, setProfile] = useState<"fast" | "best">("fast");
  const [corrections, setCorrections] = useState(true);
  return (
    <Popover opened={open} onChange={setOpen} position="bottom-end" width={320} shadow="md" trapFocus>
      <Popover.Target>
        <Button size="sm" leftSection={<IconBolt size={16} />} disabled={disabled} onClick={() => setOpen((shown) => !shown)}>
          {t("bot.train")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("bot.train")}>
        <Stack gap="md">
          <Radio.Group value={profile} onChange={(value) => setProfile(value as "fast" | "best")} aria-label={t("bot.profile")}>
            <Stack gap="sm">
              <Radio value="fast" label={t("bot.fast")} description={t("bot.fast_hint")} />
              <Radio value="best" label={t("bot.best")} description={t("bot.best_hint")} />
            </Stack>
          </Radio.Group>
          <Checkbox checked={corrections} onChange={(event) => setCorrections(event.currentTarget.checked)} label={t("bot.corrections")} />
          <Button
            onClick={() => {
              setOpen(false);
              onTrain({ profile, corrections });
            }}
          >
            {t("bot.start")}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
