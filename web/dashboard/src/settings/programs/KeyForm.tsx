import { Checkbox, Select, Stack, TextInput } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { FormModal } from "../FormModal";
import { useSaved } from "../useSaved";
import { KEYS, type Made, type Scope, SCOPES } from "./usePrograms";

const FOR_EVER = "0";
const SPANS = [FOR_EVER, "30", "90", "365"];

interface Wanted {
  name: string;
  scopes: Scope[];
  days: string;
}

export function KeyForm({ onClose, onMade }: { onClose: () => void; onMade: (made: Made) => void }) {
  const { t } = useI18n();
  const [form, setForm] = useState<Wanted>({ name: "", scopes: ["chat"], days: FOR_EVER });
  const add = useSaved(
    ({ name, scopes, days }: Wanted) => api<Made>("/api/keys", { body: { name: name.trim(), scopes, expires_in_days: days === FOR_EVER ? null : Number(days) } }),
    { stale: [KEYS], onDone: onMade },
  );
  return (
    <FormModal title={t("keys.add")} action={t("keys.make")} gap="md" busy={add.isPending} ready={form.name.trim() !== "" && form.scopes.length > 0} onClose={onClose} onSubmit={() => add.mutate(form)}>
      <TextInput data-autofocus label={t("keys.name")} description={t("keys.name_hint")} maxLength={100} value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
      <Checkbox.Group label={t("keys.may")} value={form.scopes} onChange={(scopes) => setForm({ ...form, scopes: scopes as Scope[] })}>
        <Stack gap={8} mt={6}>
          {SCOPES.map((scope) => (
            <Checkbox key={scope} size="sm" value={scope} label={t(`scope.${scope}`)} description={t(`scope_hint.${scope}`)} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Select label={t("keys.lasts")} allowDeselect={false} value={form.days} data={SPANS.map((value) => ({ value, label: value === FOR_EVER ? t("keys.for_ever") : t("keys.days", { days: value }) }))} onChange={(days) => days && setForm({ ...form, days })} />
    </FormModal>
  );
}
