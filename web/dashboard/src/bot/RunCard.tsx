import { Button, Progress } from "@mantine/core";
import { useRef } from "react";
import { useI18n } from "../i18n";
import { duration } from "../i18n/time";
import { useNow } from "../shell/now";
import css from "./bot.module.css";
import { shareOf, type Run } from "./types";

/** A training or judgement under way, or why the last one ended early. */
export function RunCard({ run, onStop }: { run: Run; onStop: (() => void) | null }) {
  const { t, code } = useI18n();
  const now = useNow(1_000);
  const running = run.state === "running";
  const most = useRef(0); // a tuned encoder reads the examples once more: the bar stays where it was
  most.current = Math.max(most.current, shareOf(run));
  const figures = Object.entries(run.figures).map(([name, value]) => `${code("figure", name)} ${value.toFixed(3)}`);
  return (
    <section className={css.run} data-state={run.state} role="status" aria-label={t(`bot.run_${run.kind}`)}>
      <div className={css.runHead}>
        <strong>{code("bot", `run_${running ? run.kind : run.state}`)}</strong>
        {!running && <span>{run.by}</span>}
        {running && run.stage !== run.kind && <span>{code("stage", `train_${run.stage.split(",")[0]}`)}</span>}
        {running && <span className={css.clock}>{duration(now - Date.parse(run.began_at))}</span>}
        {running && onStop && (
          <Button size="xs" variant="default" onClick={onStop}>
            {t("bot.stop")}
          </Button>
        )}
      </div>
      {running && <Progress value={100 * most.current} animated aria-label={t(`bot.run_${run.kind}`)} />}
      {running && <p>{figures.length > 0 ? figures.join(" · ") : t("bot.meanwhile")}</p>}
      {run.words && <pre>{run.words}</pre>}
    </section>
  );
}
