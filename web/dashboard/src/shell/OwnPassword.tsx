import { Alert, Button, Group, Modal, PasswordInput, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { wordsOf } from "./Failure";

const LEAST_CHARS = 10;

/** A new password by whoever knows the old one; wherever else they are signed in, they are out. */
export function OwnPassword({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <Modal opened={opened} onClose={onClose} title={t("password.menu")} centered closeButtonProps={{ "aria-label": t("action.cancel") }}>
      {opened && <Form onDone={onClose} />}
    </Modal>
  );
}

function Form({ onDone }: { onDone: () => void }) {
  const { t } = useI18n();
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [again, setAgain] = useState("");
  const change = useMutation({
    mutationFn: () => api("/api/me/password", { method: "PUT", body: { old, new: fresh } }),
    onSuccess: () => {
      notifications.show({ color: "green", message: t("password.done") });
      onDone();
    },
  });
  const short = fresh !== "" && fresh.length < LEAST_CHARS;
  const differs = again !== "" && again !== fresh;
  const send = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  const eye = { visibilityToggleButtonProps: { "aria-label": t("login.show_password") } };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        {change.isError && (
          <Alert role="alert" color="red" variant="light">
            {wordsOf(change.error, t)}
          </Alert>
        )}
        <PasswordInput data-autofocus label={t("password.old")} autoComplete="current-password" value={old} onChange={(event) => setOld(event.currentTarget.value)} {...eye} />
        <PasswordInput
          label={t("password.new")}
          description={t("password.hint", { count: LEAST_CHARS })}
          autoComplete="new-password"
          error={short && t("password.short", { count: LEAST_CHARS })}
          value={fresh}
          onChange={(event) => setFresh(event.currentTarget.value)}
          {...eye}
        />
        <PasswordInput label={t("password.again")} autoComplete="new-password" error={differs && t("password.differs")} value={again} onChange={(event) => setAgain(event.currentTarget.value)} {...eye} />
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending} disabled={!old || fresh.length < LEAST_CHARS || again !== fresh}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
