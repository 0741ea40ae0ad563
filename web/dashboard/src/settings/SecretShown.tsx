import { Button, Code, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import { useI18n } from "../i18n";

interface Props {
  title: string;
  hint: string;
  secret: string;
  onClose: () => void;
}

/** What is shown this once: a password to pass on, a key, a webhook's secret. */
export function SecretShown({ title, hint, secret, onClose }: Props) {
  const { t } = useI18n();
  return (
    <Modal opened onClose={onClose} title={title} closeOnClickOutside={false} closeButtonProps={{ "aria-label": t("staff.done") }}>
      <Stack gap="sm">
        <Text size="sm">{hint}</Text>
        <Code block data-testid="secret" style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
          {secret}
        </Code>
        <Group justify="flex-end">
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {t(copied ? "staff.copied" : "staff.copy")}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>{t("staff.done")}</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
