import { Checkbox, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { FormModal } from "../FormModal";
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
    <FormModal title={t(draft.id ? "teams.edit" : "webhooks.add", { name: draft.name })} action={t("action.save")} gap="md" busy={save.isPending} ready={name !== "" && /^https?:\/\/./.test(url) && form.events.length > 0} onClose={onClose} onSubmit={() => save.mutate({ ...form, name, url })}>
      <TextInput data-autofocus label={t("webhooks.name")} maxLength={100} value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
      <TextInput type="url" label={t("webhooks.url")} description={t("webhooks.url_hint")} value={form.url} onChange={(event) => setForm({ ...form, url: event.currentTarget.value })} />
      <Checkbox.Group label={t("webhooks.events")} value={form.events} onChange={(events) => setForm({ ...form, events: events as Event[] })}>
        <Stack gap={8} mt={6}>
          {EVENTS.map((event) => (
            <Checkbox key={event} size="sm" value={event} label={t(`event.${event}`)} description={event} />
          ))}
        </Stack>
      </Checkbox.Group>
    </FormModal>
  );
}
