import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowDownRight, IconArrowUpRight, IconInfoCircle } from "@tabler/icons-react";
import { useI18n } from "../i18n";
import css from "./analytics.module.css";
import { delta, type Headline, HEADLINES, isEmpty, shown } from "./figures";
import type { Figures } from "./types";

/** `compares`: whether any figure has one before it, so that it is worth saying which have none. */
function Change({ headline, now, before, compares }: { headline: Headline; now: Figures; before: Figures; compares: boolean }) {
  const { t, locale } = useI18n();
  const change = delta(headline, headline.read(now), headline.read(before));
  if (!change) return compares ? <span className={css.change}>{t("analytics.nothing_before")}</span> : null;
  const points = headline.kind === "share";
  const size = new Intl.NumberFormat(locale, points ? { maximumFractionDigits: 1 } : { style: "percent", maximumFractionDigits: 0 }).format(
    Math.abs(points ? change.by * 100 : change.by),
  );
  const Arrow = change.by < 0 ? IconArrowDownRight : IconArrowUpRight;
  const words = t(change.by < 0 ? "analytics.less" : "analytics.more", { size: points ? t("analytics.points", { size }) : size });
  const title = t("analytics.was", { value: shown(headline.read(before), headline.kind, locale) });
  return (
    <span className={css.change} data-mood={change.mood} title={title}>
      <Arrow size={15} aria-hidden />
      <span aria-hidden="true">{points ? t("analytics.points", { size }) : size}</span>
      <span className="lx-sr">
        {words} · {title}
      </span>
    </span>
  );
}

export function Headlines({ now, before }: { now: Figures; before: Figures }) {
  const { t, code, locale } = useI18n();
  return (
    <dl className={css.headlines}>
      {HEADLINES.map((headline: Headline) => {
        const meaning = code("analytics.meaning", headline.name);
        return (
          <div key={headline.name} className={css.headline}>
            <dt>
              {code("analytics.headline", headline.name)}
              <Tooltip label={meaning} multiline w={260} events={{ hover: true, focus: true, touch: true }}>
                <ActionIcon size={20} aria-label={`${code("analytics.headline", headline.name)}: ${meaning}`}>
                  <IconInfoCircle size={14} aria-hidden />
                </ActionIcon>
              </Tooltip>
            </dt>
            <dd className={css.value}>{shown(headline.read(now), headline.kind, locale)}</dd>
            <dd className={css.small}>
              <Change headline={headline} now={now} before={before} compares={!isEmpty(before)} />
              {headline.note && headline.read(now) !== null && <span>{t(headline.note.key, headline.note.values(now))}</span>}
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
