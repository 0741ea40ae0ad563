import { Button, Group, Modal, Stack } from "@mantine/core";
import type { ReactNode } from "react";
import { useI18n } from "../i18n";

interface Props {
  title: string;
  /** What the button says that sends it. */
  action: string;
  opened?: boolean;
  gap?: "sm" | "md";
  busy: boolean;
  /** All that is needed is filled in. */
  ready: boolean;
  onClose: () => void;
  onSubmit: () => void;
  children: ReactNode;
}

/** A form in a window: something made, or changed. */
export function FormModal({ title, action, opened = true, gap = "sm", busy, ready, onClose, onSubmit, children }: Props) {
  const { t } = useI18n();
  return (
    <Modal opened={opened} onClose={onClose} title={title} closeButtonProps={{ "aria-label": t("action.cancel") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
        }}
      >
        <Stack gap={gap}>
          {children}
          <Group justify="flex-end">
            <Button type="submit" loading={busy} disabled={!ready}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
