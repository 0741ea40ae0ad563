import { ActionIcon, Button, TagsInput, TextInput } from "@mantine/core";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { DeskInfo } from "../../desk/useDeskInfo";
import { useI18n } from "../../i18n";
import { useConfirm } from "../../shell/confirm";
import { Card } from "../Card";
import { FormModal } from "../FormModal";
import css from "../settings.module.css";
import { useSaved } from "../useSaved";
import { Intents } from "./Intents";
import { DESK, useSubjects } from "./useRouting";

type Skill = DeskInfo["skills"][number];

/** What some agents know better, and the customers who need it. */
export function SkillsCard({ skills }: { skills: readonly Skill[] }) {
  const { t } = useI18n();
  const confirm = useConfirm();
  const [edited, setEdited] = useState<Skill | null>(null);
  const remove = useSaved((name: string) => api(`/api/skills/${encodeURIComponent(name)}`, { method: "DELETE" }), { stale: [DESK] });
  return (
    <Card
      flush
      title={t("skills.title")}
      hint={t("skills.hint")}
      actions={
        <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setEdited({ name: "", intents: [] })}>
          {t("skills.add")}
        </Button>
      }
    >
      {skills.length === 0 && <p className={css.nothing}>{t("skills.none")}</p>}
      <ul className={css.rows} aria-label={t("skills.title")}>
        {skills.map((skill) => (
          <li key={skill.name} className={css.row}>
            <div className={css.what}>
              <b>{skill.name}</b>
              <Intents intents={skill.intents} />
            </div>
            <ActionIcon aria-label={t("teams.edit", { name: skill.name })} onClick={() => setEdited(skill)}>
              <IconPencil size={17} />
            </ActionIcon>
            <ActionIcon color="red" aria-label={t("teams.delete", { name: skill.name })} onClick={() => confirm({ title: t("confirm.delete", { name: skill.name }), hint: t("confirm.skill") }, () => remove.mutate(skill.name))}>
              <IconTrash size={17} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {edited && <SkillForm skill={edited} onClose={() => setEdited(null)} />}
    </Card>
  );
}

function SkillForm({ skill, onClose }: { skill: Skill; onClose: () => void }) {
  const { t } = useI18n();
  const [form, setForm] = useState(skill);
  const subjects = useSubjects();
  const save = useSaved(
    ({ name, intents: chosen }: Skill) => api(`/api/skills/${encodeURIComponent(name)}`, { method: "PUT", body: { intents: chosen } }),
    { stale: [DESK], onDone: onClose },
  );
  const name = form.name.trim();
  return (
    <FormModal title={t(skill.name ? "teams.edit" : "skills.add", { name: skill.name })} action={t("action.save")} busy={save.isPending} ready={name !== ""} onClose={onClose} onSubmit={() => save.mutate({ ...form, name })}>
      <TextInput data-autofocus label={t("skills.name")} readOnly={skill.name !== ""} maxLength={60} value={form.name} onChange={(event) => setForm({ ...form, name: event.currentTarget.value })} />
      <TagsInput label={t("teams.intents")} description={t("skills.intents_hint")} data={subjects} value={form.intents} onChange={(chosen) => setForm({ ...form, intents: chosen })} />
    </FormModal>
  );
}
