import { ActionIcon, Button } from "@mantine/core";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import type { Team } from "../../desk/useDeskInfo";
import { useI18n } from "../../i18n";
import { Portrait } from "../../inbox/Portrait";
import { useConfirm } from "../../shell/confirm";
import { Card } from "../Card";
import css from "../settings.module.css";
import { useSaved } from "../useSaved";
import { Intents } from "./Intents";
import { TeamForm } from "./TeamForm";
import { DESK, type Routed } from "./useRouting";

const FRESH: Team = { id: "", name: "", intents: [], agent_ids: [] };

/** Who works together, and which customers are queued for them. */
export function TeamsCard({ teams, staff }: { teams: readonly Team[]; staff: readonly Routed[] }) {
  const { t } = useI18n();
  const confirm = useConfirm();
  const [edited, setEdited] = useState<Team | null>(null);
  const remove = useSaved((id: string) => api(`/api/teams/${id}`, { method: "DELETE" }), { stale: [DESK] });
  return (
    <Card
      flush
      title={t("teams.title")}
      hint={t("teams.hint")}
      actions={
        <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setEdited(FRESH)}>
          {t("teams.add")}
        </Button>
      }
    >
      {teams.length === 0 && <p className={css.nothing}>{t("teams.none")}</p>}
      <ul className={css.rows} aria-label={t("teams.title")}>
        {teams.map((team) => (
          <li key={team.id} className={css.row}>
            <div className={css.what}>
              <b>{team.name}</b>
              <Intents intents={team.intents} />
            </div>
            <Members staff={staff.filter(({ id }) => team.agent_ids.includes(id))} />
            <ActionIcon aria-label={t("teams.edit", { name: team.name })} onClick={() => setEdited(team)}>
              <IconPencil size={17} />
            </ActionIcon>
            <ActionIcon color="red" aria-label={t("teams.delete", { name: team.name })} onClick={() => confirm({ title: t("confirm.delete", { name: team.name }), hint: t("confirm.team") }, () => remove.mutate(team.id))}>
              <IconTrash size={17} />
            </ActionIcon>
          </li>
        ))}
      </ul>
      {edited && <TeamForm team={edited} staff={staff} onClose={() => setEdited(null)} />}
    </Card>
  );
}

const SHOWN = 6;

function Members({ staff }: { staff: readonly Routed[] }) {
  const { t } = useI18n();
  const names = staff.map(({ name }) => name).join(", ");
  return (
    <span className={css.people} role="img" aria-label={names || t("teams.nobody")} title={names}>
      {staff.slice(0, SHOWN).map(({ id, name }) => (
        <Portrait key={id} id={id} name={name} size={28} />
      ))}
      {staff.length === 0 && <span className={css.nothing}>{t("teams.nobody")}</span>}
      {staff.length > SHOWN && <span className={css.chip}>+{staff.length - SHOWN}</span>}
    </span>
  );
}
