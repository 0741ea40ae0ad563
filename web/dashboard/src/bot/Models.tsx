import { Button, Modal } from "@mantine/core";
import { useState } from "react";
import { useI18n } from "../i18n";
import { agoInWords, fullTime } from "../i18n/time";
import { useNow } from "../shell/now";
import css from "./bot.module.css";
import { type Model, SHOWN_FIGURES } from "./types";
import type { useBotSteps } from "./useBot";

interface Props {
  models: readonly Model[];
  busy: boolean;
  mayChange: boolean;
  steps: ReturnType<typeof useBotSteps>;
  compared: string | null;
  onCompare: (id: string | null) => void;
}

const percent = (value: number | null | undefined) => (value === null || value === undefined ? "–" : `${(100 * value).toFixed(1)}%`);

/** Null where none is better than another. */
function bestOf(values: readonly number[]): number | null {
  const most = Math.max(...values);
  return values.some((value) => value < most) ? most : null;
}

function PutLive({ model, older, loading, onDo, onClose }: { model: Model; older: boolean; loading: boolean; onDo: () => void; onClose: () => void }) {
  const { t, locale } = useI18n();
  return (
    <Modal opened onClose={onClose} title={t(older ? "bot.roll_back" : "bot.put_live")} closeButtonProps={{ "aria-label": t("action.close_panel") }}>
      <p className={css.quiet}>{t("bot.put_live_hint", { when: fullTime(model.about.made_at, locale) })}</p>
      <div className={css.dialogActions}>
        <Button variant="default" onClick={onClose}>
          {t("action.cancel")}
        </Button>
        <Button loading={loading} onClick={onDo}>
          {t(older ? "bot.roll_back" : "bot.put_live")}
        </Button>
      </div>
    </Modal>
  );
}

/** Every model with its figures on the held-out examples; the live one is marked. */
export function Models({ models, busy, mayChange, steps, compared, onCompare }: Props) {
  const { t, locale, code } = useI18n();
  const now = useNow(30_000);
  const [asked, setAsked] = useState<Model | null>(null);
  const live = models.find((model) => model.live);
  const isOlder = (model: Model) => live !== undefined && Date.parse(model.about.made_at) < Date.parse(live.about.made_at);
  const best = (name: string) => bestOf(models.flatMap(({ figures }) => figures?.[name] ?? []));
  return (
    <section className={css.card} aria-label={t("bot.models")}>
      <h2>{t("bot.models")}</h2>
      <div className={css.scroll} tabIndex={0} role="group" aria-label={t("bot.models")}>
        <table className={css.table}>
          <thead>
            <tr>
              <th>{t("bot.model")}</th>
              {SHOWN_FIGURES.map((name) => (
                <th key={name} className={css.number}>
                  {code("figure", name)}
                </th>
              ))}
              <th>
                <span className="lx-sr">{t("action.menu")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {models.map((model) => (
              <tr key={model.id} data-live={model.live}>
                <td>
                  <span className={css.modelName}>
                    <time title={fullTime(model.about.made_at, locale)}>{agoInWords(model.about.made_at, locale, now)}</time>
                    {model.live && <span className={css.live}>{t("bot.live")}</span>}
                  </span>
                  <span className={css.second}>
                    {code("author_name", model.about.made_by)} · {t(`bot.${model.about.profile}`)} · <code>{model.model_id}</code>
                  </span>
                </td>
                {SHOWN_FIGURES.map((name) => (
                  <td key={name} className={css.number} data-best={(model.figures?.[name] ?? NaN) === best(name)}>
                    {percent(model.figures?.[name])}
                  </td>
                ))}
                <td className={css.steps}>
                  {model.figures === null && mayChange && (
                    <Button size="xs" variant="default" disabled={busy} onClick={() => steps.judge.mutate(model.id)}>
                      {t("bot.judge")}
                    </Button>
                  )}
                  {!model.live && model.figures && live?.figures && (
                    <Button size="xs" variant={compared === model.id ? "light" : "default"} aria-pressed={compared === model.id} onClick={() => onCompare(compared === model.id ? null : model.id)}>
                      {t("bot.compare")}
                    </Button>
                  )}
                  {!model.live && mayChange && (
                    <Button size="xs" onClick={() => setAsked(model)}>
                      {t(isOlder(model) ? "bot.roll_back" : "bot.put_live")}
                    </Button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {asked && (
        <PutLive
          model={asked}
          older={isOlder(asked)}
          loading={steps.putLive.isPending}
          onClose={() => setAsked(null)}
          onDo={() => steps.putLive.mutate(asked.id, { onSettled: () => setAsked(null) })}
        />
      )}
    </section>
  );
}
