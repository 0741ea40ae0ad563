import { useState } from "react";
import { useI18n } from "../i18n";
import { Found } from "../shell/Found";
import { Column, Frame } from "../shell/Frame";
import { isSupervisor, useMe } from "../shell/session";
import { ComparisonPanel } from "./ComparisonPanel";
import { Corrections } from "./Corrections";
import { Labels } from "./Labels";
import { Models } from "./Models";
import { RunCard } from "./RunCard";
import { TrainMenu } from "./TrainMenu";
import css from "./bot.module.css";
import { useBot, useBotSteps } from "./useBot";

/** What the bot understands, and its models: trained, compared, put live and taken back. */
export default function Bot() {
  const { t } = useI18n();
  const supervisor = isSupervisor(useMe());
  const bot = useBot();
  const steps = useBotSteps();
  const [compared, setCompared] = useState<string | null>(null);
  const live = bot.data?.models.find((model) => model.live);
  const running = bot.data?.run?.state === "running";
  return (
    <Frame title={t("nav.bot")} badge={bot.data && <span className={css.name}>{bot.data.name}</span>} actions={supervisor && <TrainMenu disabled={running || !bot.data} onTrain={(how) => steps.train.mutate(how)} />}>
      <Column wide>
        <Found query={bot}>
          {({ run, models, intents, entities, examples }) => (
            <div className={css.page}>
              {run && run.state !== "done" && <RunCard key={run.began_at} run={run} onStop={supervisor ? () => steps.stop.mutate() : null} />}
              <Models models={models} busy={running} mayChange={supervisor} steps={steps} compared={compared} onCompare={setCompared} />
              {live && compared && <ComparisonPanel live={live.id} other={compared} onClose={() => setCompared(null)} />}
              <Corrections mayChange={supervisor} />
              <div className={css.labels}>
                <Labels title={t("bot.intents")} labels={intents} hint={t("bot.examples", { count: examples })} />
                <Labels title={t("bot.entities")} labels={entities} />
              </div>
            </div>
          )}
        </Found>
      </Column>
    </Frame>
  );
}
