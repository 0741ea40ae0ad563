import { MultiSelect, NumberInput } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { Portrait } from "../../inbox/Portrait";
import { Card } from "../Card";
import settings from "../settings.module.css";
import { useSaved } from "../useSaved";
import css from "./teams.module.css";
import { type Routed, type Routing, STAFF } from "./useRouting";

const LANGUAGES = [
  { value: "zh", label: "中文" },
  { value: "en", label: "English" },
];

/** What each agent takes when chats are given out. */
export function RoutingCard({ staff, skills, most }: { staff: readonly Routed[]; skills: readonly string[]; most: number }) {
  const { t } = useI18n();
  return (
    <Card flush title={t("routing.title")} hint={t("routing.hint")}>
      <ul className={settings.rows} aria-label={t("routing.title")}>
        {staff.map((agent) => (
          <Row key={agent.id} agent={agent} skills={skills} most={most} />
        ))}
      </ul>
    </Card>
  );
}

function Row({ agent, skills, most }: { agent: Routed; skills: readonly string[]; most: number }) {
  const { t } = useI18n();
  const save = useSaved((body: Routing) => api(`/api/agents/${agent.id}/routing`, { method: "PUT", body }), { stale: [STAFF] });
  // Kept here: a second change must not send back what the first one replaced.
  const [routing, setRouting] = useState<Routing>({ languages: agent.languages, skills: agent.skills, max_chats: agent.max_chats });
  const { languages, skills: known, max_chats } = routing;
  const change = (part: Partial<Routing>) => setRouting({ ...routing, ...part });
  const put = (part: Partial<Routing>) => {
    change(part);
    save.mutate({ ...routing, ...part });
  };
  return (
    <li className={settings.row}>
      <Portrait name={agent.name} id={agent.id} size={32} />
      <div className={settings.what}>
        <b>{agent.name}</b>
        <span>{agent.email}</span>
      </div>
      <MultiSelect
        size="xs"
        className={css.choice}
        label={t("routing.languages")}
        aria-label={`${agent.name}: ${t("routing.languages")}`}
        placeholder={languages.length === 0 ? t("routing.all") : ""}
        data={LANGUAGES}
        value={languages}
        onChange={(value) => put({ languages: value as Routing["languages"] })}
      />
      <MultiSelect
        size="xs"
        className={css.choice}
        label={t("routing.skills")}
        aria-label={`${agent.name}: ${t("routing.skills")}`}
        placeholder={known.length === 0 ? t("routing.none") : ""}
        data={[...new Set([...skills, ...known])]}
        value={known}
        nothingFoundMessage={t("skills.none")}
        onChange={(value) => put({ skills: value })}
      />
      <NumberInput
        size="xs"
        w={92}
        label={t("routing.cap")}
        aria-label={`${agent.name}: ${t("routing.cap")}`}
        placeholder={String(most)}
        hideControls
        min={1}
        max={500}
        allowDecimal={false}
        value={max_chats ?? ""}
        onChange={(value) => change({ max_chats: value === "" ? null : Number(value) })}
        onBlur={() => max_chats !== agent.max_chats && put({})}
      />
    </li>
  );
}
