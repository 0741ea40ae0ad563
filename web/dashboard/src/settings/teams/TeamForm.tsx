import { MultiSelect, TagsInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import type { Team } from "../../desk/useDeskInfo";
import { useI18n } from "../../i18n";
import { FormModal } from "../FormModal";
import { useSaved } from "../useSaved";
import { DESK, type Routed, useSubjects } from "./useRouting";

/** A team made (no id yet) or changed. */
export function TeamForm({ team, staff, onClose }: { team: Team; staff: readonly Routed[]; onClose: () => void }) {
  const { t } = useI18n();
  const [form, setForm] = useState(team);
  const subjects = useSubjects();
  const save = useSaved(
    ({ id, ...body }: Team) => api(id ? `/api/teams/${id}` : "/api/teams", { method: id ? "PUT" : "POST", body }),
    { stale: [DESK], onDone: onClose },
  );
  const name = form.name.trim();
  return (
    <FormModal title={t(team.id ? "teams.edit" : "teams.add", { name: team.name })} action={t("action.save")} busy={save.isPending} ready={name !== ""} onClose={onClose} onSubmit={() => save.mutate({ ...form, name })}>
      <TextInput data-autofocus label={t("teams.name")} maxLength={100} value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
      <MultiSelect
        searchable
        label={t("teams.members")}
        data={staff.map(({ id, name, email }) => ({ value: id, label: `${name} · ${email}` }))}
        value={form.agent_ids}
        onChange={(agent_ids) => setForm({ ...form, agent_ids })}
      />
      <TagsInput label={t("teams.intents")} description={t("teams.intents_hint")} data={subjects} value={form.intents} onChange={(chosen) => setForm({ ...form, intents: chosen })} />
    </FormModal>
  );
}
