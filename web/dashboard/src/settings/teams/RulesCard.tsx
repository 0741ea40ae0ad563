import { Button, NumberInput, SegmentedControl, Switch } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import type { Promised, Rules } from "../../desk/clocks";
import { useI18n } from "../../i18n";
import { Card } from "../Card";
import { useSaved } from "../useSaved";
import css from "./teams.module.css";
import { DESK } from "./useRouting";

const PRIORITIES = ["urgent", "high", "normal", "low"] as const;
const PROMISES = ["first_reply_min", "next_reply_min", "resolution_min"] as const;
const MOST = { first_reply_min: 100_000, next_reply_min: 100_000, resolution_min: 1_000_000 };

/** Who gets a chat, and how long customers wait at most. */
export function RulesCard({ found }: { found: Rules }) {
  const { t } = useI18n();
  const [rules, setRules] = useState(found);
  const change = (part: Partial<Rules>) => setRules({ ...rules, ...part });
  const save = useSaved((body: Rules) => api("/api/desk/rules", { method: "PUT", body }), { stale: [DESK], told: t("owner.saved") });
  const changed = JSON.stringify(rules) !== JSON.stringify(found);
  return (
    <Card
      title={t("rules.title")}
      hint={t("rules.hint")}
      actions={
        <Button size="xs" disabled={!changed} loading={save.isPending} onClick={() => save.mutate(rules)}>
          {t("action.save")}
        </Button>
      }
    >
      <div className={css.rules}>
        <Switch label={t("rules.auto")} description={t("rules.auto_hint")} checked={rules.auto_assign} onChange={(event) => change({ auto_assign: event.currentTarget.checked })} />
        <Switch label={t("rules.mood")} description={t("rules.mood_hint")} checked={rules.raise_falling_mood} onChange={(event) => change({ raise_falling_mood: event.currentTarget.checked })} />
        <div>
          <span className={css.label}>{t("rules.method")}</span>
          <SegmentedControl
            size="xs"
            aria-label={t("rules.method")}
            value={rules.method}
            data={(["least_loaded", "round_robin"] as const).map((value) => ({ value, label: t(`rules.${value}`) }))}
            onChange={(method) => change({ method: method as Rules["method"] })}
          />
        </div>
        <NumberInput size="xs" label={t("rules.max_chats")} min={1} max={500} allowDecimal={false} value={rules.max_chats} onChange={(value) => change({ max_chats: Number(value) || 1 })} />
      </div>
      <Promises rules={rules} onChange={(promises) => change({ promises })} />
    </Card>
  );
}

function Promises({ rules, onChange }: { rules: Rules; onChange: (promises: Rules["promises"]) => void }) {
  const { t } = useI18n();
  const set = (priority: (typeof PRIORITIES)[number], part: Partial<Promised>) =>
    onChange({ ...rules.promises, [priority]: { ...rules.promises[priority], ...part } });
  return (
    <div className={css.scroll}>
      <table className={css.promises}>
        <caption>{t("rules.promises")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("triage.priority")}</th>
            {PROMISES.map((name) => (
              <th key={name} scope="col">
                {t(`rules.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {PRIORITIES.map((priority) => (
            <tr key={priority}>
              <th scope="row">{t(`priority.${priority}`)}</th>
              {PROMISES.map((name) => (
                <td key={name}>
                  <NumberInput
                    size="xs"
                    hideControls
                    min={1}
                    max={MOST[name]}
                    allowDecimal={false}
                    placeholder={t("rules.no_clock")}
                    aria-label={`${t(`priority.${priority}`)}: ${t(`rules.${name}`)}`}
                    value={rules.promises[priority][name] ?? ""}
                    onChange={(value) => set(priority, { [name]: value === "" ? null : Number(value) })}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
