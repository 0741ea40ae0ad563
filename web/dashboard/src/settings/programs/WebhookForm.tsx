import { Button, Checkbox, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { useSaved } from "../useSaved";
import { type Event, EVENTS, type Made, WEBHOOKS } from "./usePrograms";

export interface Draft {
  id: string | null;
  name: string;
  url: string;
  events: Event[];
}

interface Props {
  draft: Draft;
  onClose: () => void;
  /** Of a new one. */
  onMade: (made: Made) => void;
}

export function WebhookForm({ draft, onClose, onMade }: Props) {
  const { t } = useI18n();
  const [form, setForm] = useState<Draft>({ id: draft.id, name: draft.name, url: draft.url, events: draft.events });
  const save = useSaved(
    async ({ id, ...body }: Draft) => {
      if (!id) return api<Made>("/api/webhooks", { body });
      await api(`/api/webhooks/${id}`, { method: "PATCH", body });
      return null;
    },
    { stale: [WEBHOOKS], onDone: (made) => (made ? onMade(made) : onClose()) },
  );
  const name = form.name.trim();
  const url = form.url.trim();
  return (
    <Modal opened onClose={onClose} title={t(draft.id ? "teams.edit" : "webhooks.add", { name: draft.name })} closeButtonProps={{ "aria-label": t("action.cancel") }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ ...form, name, url });
        }}
      >
        <Stack gap="md">
          <TextInput data-autofocus label={t("webhooks.name")} maxLength={100} value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
          <TextInput type="url" label={t("webhooks.url")} description={t("webhooks.url_hint")} value={form.url} onChange={(event) => setForm({ ...form, url: event.currentTarget.value })} />
          <Checkbox.Group label={t("webhooks.events")} value={form.events} onChange={(events) => setForm({ ...form, events: events as Event[] })}>
            <Stack gap={8} mt={6}>
              {EVENTS.map((event) => (
                <Checkbox key={event} size="sm" value={event} label={t(`event.${event}`)} description={event} />
              ))}
            </Stack>
          </Checkbox.Group>
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending} disabled={!name || !/^https?:\/\/./.test(url) || form.events.length === 0}>
              {t("action.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
