import { Button, Select } from "@mantine/core";
import { IconUserPlus } from "@tabler/icons-react";
import { useState } from "react";
import type { Agent } from "../api/types";
import { useI18n } from "../i18n";
import { Portrait } from "../inbox/Portrait";
import { useConfirm } from "../shell/confirm";
import { Found } from "../shell/Found";
import { InviteForm } from "./InviteForm";
import { SecretShown } from "./SecretShown";
import { SettingsFrame } from "./SettingsFrame";
import { type Colleague, ROLES, type Secret, useStaff, useStaffChanges } from "./staff";
import css from "./staff.module.css";

type Changes = ReturnType<typeof useStaffChanges>;

function Row({ agent, changes }: { agent: Colleague; changes: Changes }) {
  const { t } = useI18n();
  const confirm = useConfirm();
  const toggle = () => changes.change.mutate({ id: agent.id, disabled: !agent.disabled });
  const question = { title: t("confirm.disable", { name: agent.name }), hint: t("confirm.staff"), action: t("staff.disable") };
  const shown = agent.disabled ? "disabled" : agent.online ? "online" : "offline";
  return (
    <li className={css.row} data-disabled={agent.disabled}>
      <Portrait name={agent.name} id={agent.id} size={36} />
      <div className={css.who}>
        <b>{agent.name}</b>
        <span>{agent.email}</span>
      </div>
      <span className={css.state} data-state={shown}>
        {t(`staff.${shown}`)}
      </span>
      <Select
        size="xs"
        w={130}
        aria-label={t("staff.role_of", { name: agent.name })}
        allowDeselect={false}
        disabled={agent.disabled}
        value={agent.role}
        data={ROLES.map((role) => ({ value: role, label: t(`staff.role.${role}`) }))}
        onChange={(role) => role && changes.change.mutate({ id: agent.id, role: role as Agent["role"] })}
      />
      <Button size="xs" variant="default" disabled={agent.disabled} onClick={() => confirm({ title: t("confirm.reset", { name: agent.name }), hint: t("confirm.password"), action: t("staff.reset") }, () => changes.reset.mutate(agent.id))}>
        {t("staff.reset")}
      </Button>
      <Button size="xs" variant="default" onClick={() => (agent.disabled ? toggle() : confirm(question, toggle))}>
        {t(agent.disabled ? "staff.enable" : "staff.disable")}
      </Button>
    </li>
  );
}

/** Who works at the desk: invited, promoted, disabled and let in again by admins. */
export default function StaffPage() {
  const { t } = useI18n();
  const staff = useStaff();
  const [inviting, setInviting] = useState(false);
  const [secret, setSecret] = useState<Secret | null>(null);
  const changes = useStaffChanges((told) => {
    setInviting(false);
    setSecret(told);
  });
  return (
    <SettingsFrame
      hint={t("staff.hint")}
      actions={
        <Button size="sm" leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setInviting(true)}>
          {t("staff.invite")}
        </Button>
      }
    >
      <Found query={staff}>
        {(agents) => (
          <ul className={css.rows} aria-label={t("nav.staff")}>
            {agents.map((agent) => (
              <Row key={agent.id} agent={agent} changes={changes} />
            ))}
          </ul>
        )}
      </Found>
      <InviteForm opened={inviting} busy={changes.invite.isPending} onClose={() => setInviting(false)} onInvite={(invitation) => changes.invite.mutate(invitation)} />
      {secret && <SecretShown title={t("staff.password_of", { email: secret.email })} hint={t("staff.password_hint")} secret={secret.password} onClose={() => setSecret(null)} />}
    </SettingsFrame>
  );
}
