import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";

const UNDO_MS = 8_000;

/** Tells what was done, with a way back. */
export function showUndo(id: string, words: string, undo: string, run: () => void): void {
  notifications.show({
    id,
    autoClose: UNDO_MS,
    message: (
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <span>{words}</span>
        <Button
          size="compact-sm"
          variant="light"
          onClick={() => {
            notifications.hide(id);
            run();
          }}
        >
          {undo}
        </Button>
      </Group>
    ),
  });
}
