import { IconDatabase, IconFileText, IconMessageChatbot, IconPlugConnected, IconShare, IconVolume, type IconProps } from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useI18n } from "../../i18n";
import { Failure } from "../../shell/Failure";
import { useNow } from "../../shell/now";
import { Card } from "../Card";
import settings from "../settings.module.css";
import { SettingsFrame } from "../SettingsFrame";
import { DrillControl } from "./DrillControl";
import css from "./operations.module.css";
import { type Ladder, type Part, type Rung, useDrills, useLadder } from "./useLadder";

const ICONS: Record<Part, ComponentType<IconProps>> = {
  understanding: IconMessageChatbot,
  generation: IconFileText,
  actions: IconPlugConnected,
  voice: IconVolume,
  database: IconDatabase,
  hub: IconShare,
};
const TONES = { working: "good", weak: "warn", away: "bad", unused: "" } as const;

/** Which rung of the ladder is in use: what works, and what customers get where it does not. */
export default function OperationsPage() {
  const { t } = useI18n();
  const ladder = useLadder();
  return (
    <SettingsFrame>
      {ladder.isError && <Failure error={ladder.error} onRetry={() => void ladder.refetch()} />}
      {ladder.data && (
        <>
          <Figures ladder={ladder.data} />
          <Card flush title={t("ops.title")} hint={t("ops.hint")}>
            <Rungs rungs={ladder.data.rungs} />
          </Card>
        </>
      )}
    </SettingsFrame>
  );
}

function Figures({ ladder }: { ladder: Ladder }) {
  const { t, locale } = useI18n();
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const lower = ladder.rungs.filter(({ state }) => state === "weak" || state === "away").length;
  const facts = [
    [t("ops.all"), t(lower === 0 ? "ops.well" : "ops.lower", { count: lower })],
    [t("ops.sockets"), number.format(ladder.sockets)],
    [t("ops.turns"), number.format(ladder.turns_running)],
    [t("ops.disk"), `${number.format(ladder.free_disk_mb / 1024)} GiB`],
  ] as const;
  return (
    <dl className={css.figures} aria-live="polite">
      {facts.map(([name, value], index) => (
        <div key={name} data-tone={index > 0 ? "" : lower === 0 ? "good" : "bad"}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Rungs({ rungs }: { rungs: readonly Rung[] }) {
  const { t, code } = useI18n();
  const drills = useDrills();
  const now = useNow(1000);
  return (
    <ul className={settings.rows} aria-label={t("ops.title")}>
      {rungs.map((rung) => {
        const Icon = ICONS[rung.part];
        return (
          <li key={rung.part} className={settings.row} data-testid={rung.part}>
            <span className={css.icon} data-tone={TONES[rung.state]}>
              <Icon size={19} aria-hidden />
            </span>
            <div className={settings.what}>
              <b>
                {t(`ops.part.${rung.part}`)} {rung.kind && <small className={css.kind}>{code("ops.kind", rung.kind)}</small>}
              </b>
              <span>{t(`ops.${rung.part}.${rung.state === "weak" ? "away" : rung.state}`)}</span>
            </div>
            <span className={settings.state} data-state={TONES[rung.state]}>
              {t(`ops.state.${rung.state}`)}
              {rung.took_ms !== null && <span className={css.took}>{t("why.ms", { ms: rung.took_ms })}</span>}
            </span>
            <DrillControl rung={rung} now={now} onStart={(seconds) => drills.start.mutate({ part: rung.part, seconds })} onEnd={() => drills.end.mutate(rung.part)} />
          </li>
        );
      })}
    </ul>
  );
}
