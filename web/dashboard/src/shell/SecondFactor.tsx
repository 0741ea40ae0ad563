import { Alert, Button, Code, CopyButton, Group, Modal, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { wordsOf } from "./Failure";

const PATH = "/api/me/second-factor";
const STATE = ["second-factor"];

interface Enrolment {
  secret: string;
  uri: string;
  svg: string;
}

/** Switching two-step sign-in on, with its recovery codes, and off. */
export function SecondFactor({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useI18n();
  return (
    <Modal opened={opened} onClose={onClose} title={t("second.menu")} centered closeButtonProps={{ "aria-label": t("action.cancel") }}>
      {opened && <Steps onDone={onClose} />}
    </Modal>
  );
}

function Steps({ onDone }: { onDone: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const state = useQuery({ queryKey: STATE, queryFn: () => api<{ on: boolean }>(PATH) });
  const begin = useMutation({ mutationFn: () => api<Enrolment>(PATH, { method: "POST" }) });
  const confirm = useMutation({ mutationFn: (code: string) => api<{ codes: string[] }>(PATH, { method: "PUT", body: { code } }) });
  const end = useMutation({
    mutationFn: (code: string) => api(`${PATH}/end`, { body: { code } }),
    onSuccess: onDone,
  });
  const finish = () => {
    void queries.invalidateQueries({ queryKey: STATE });
    onDone();
  };
  const failure = [state, begin, confirm, end].find((step) => step.isError)?.error;
  return (
    <Stack gap="md">
      {failure && (
        <Alert role="alert" color="red" variant="light">
          {wordsOf(failure, t)}
        </Alert>
      )}
      {confirm.data ? (
        <Recovery codes={confirm.data.codes} onDone={finish} />
      ) : state.data?.on ? (
        <CodeForm intro={t("second.on_intro")} submit={t("second.end")} busy={end.isPending} onCode={(code) => end.mutate(code)} />
      ) : begin.data ? (
        <>
          <Text size="sm">{t("second.scan")}</Text>
          <img
            src={`data:image/svg+xml;utf8,${encodeURIComponent(begin.data.svg)}`}
            alt={t("second.qr")}
            width={200}
            height={200}
            style={{ alignSelf: "center", background: "#fff", borderRadius: 8 }}
          />
          <Code block style={{ textAlign: "center", letterSpacing: 1 }}>
            {begin.data.secret}
          </Code>
          <CodeForm submit={t("second.confirm")} busy={confirm.isPending} onCode={(code) => confirm.mutate(code)} />
        </>
      ) : (
        <>
          <Text size="sm">{t("second.off_intro")}</Text>
          <Button onClick={() => begin.mutate()} loading={begin.isPending || state.isPending}>
            {t("second.begin")}
          </Button>
        </>
      )}
    </Stack>
  );
}

function CodeForm({ intro, submit, busy, onCode }: { intro?: string; submit: string; busy: boolean; onCode: (code: string) => void }) {
  const { t } = useI18n();
  const [code, setCode] = useState("");
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim()) onCode(code.trim());
  };
  return (
    <form onSubmit={send}>
      <Stack gap="sm">
        {intro && <Text size="sm">{intro}</Text>}
        <TextInput
          label={t("second.code")}
          description={t("second.code_hint")}
          autoComplete="one-time-code"
          data-autofocus
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
        />
        <Button type="submit" loading={busy} disabled={!code.trim()}>
          {submit}
        </Button>
      </Stack>
    </form>
  );
}

function Recovery({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useI18n();
  return (
    <>
      <Text size="sm">{t("second.recovery")}</Text>
      <SimpleGrid cols={2} spacing="xs">
        {codes.map((code) => (
          <Code key={code} style={{ textAlign: "center", padding: 6 }}>
            {code}
          </Code>
        ))}
      </SimpleGrid>
      <Group grow>
        <CopyButton value={codes.join("\n")}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t("second.copied") : t("second.copy")}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{t("second.done")}</Button>
      </Group>
    </>
  );
}
