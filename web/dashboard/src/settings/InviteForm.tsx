import { Select, TextInput } from "@mantine/core";
import { useState } from "react";
import type { Agent } from "../api/types";
import { useI18n } from "../i18n";
import { FormModal } from "./FormModal";
import { type Invitation, ROLES } from "./staff";

const EMPTY: Invitation = { email: "", name: "", role: "agent" };

export function InviteForm({ opened, busy, onClose, onInvite }: { opened: boolean; busy: boolean; onClose: () => void; onInvite: (invitation: Invitation) => void }) {
  const { t } = useI18n();
  const [form, setForm] = useState(EMPTY);
  const name = form.name.trim();
  const email = form.email.trim();
  const invite = () => {
    onInvite({ ...form, name, email });
    setForm(EMPTY);
  };
  return (
    <FormModal opened={opened} title={t("staff.invite")} action={t("staff.invite")} busy={busy} ready={name !== "" && email.includes("@")} onClose={onClose} onSubmit={invite}>
      <TextInput data-autofocus label={t("staff.name")} maxLength={200} value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
      <TextInput type="email" label={t("staff.email")} maxLength={320} value={form.email} onChange={(event) => setForm({ ...form, email: event.currentTarget.value })} />
      <Select
        label={t("staff.role")}
        allowDeselect={false}
        value={form.role}
        data={ROLES.map((role) => ({ value: role, label: t(`staff.role.${role}`) }))}
        onChange={(role) => role && setForm({ ...form, role: role as Agent["role"] })}
      />
    </FormModal>
  );
}
