import { IconStarFilled } from "@tabler/icons-react";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import { ago } from "../i18n/time";
import { useNow } from "../shell/now";
import css from "./analytics.module.css";
import { Bars } from "./Bars";
import { Nothing, Panel } from "./Panel";
import type { Report } from "./types";

const NOW_EVERY_MS = 60_000;

function ranked(counts: Record<string, number>, name: (key: string) => string) {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .map(([key, count]) => ({ name: name(key), count }));
}

export function Rankings({ report }: { report: Report }) {
  const { t, code, locale } = useI18n();
  const reasons = ranked(report.reasons, (reason) => code("reason", reason));
  return (
    <>
      <Panel title={t("analytics.intents")} hint={t("analytics.intents_hint")}>
        {report.intents.length > 0 ? (
          <Bars
            locale={locale}
            bars={report.intents.map(({ intent, count, missed }) => ({ name: intent, count, missed, ...(missed ? { note: t("analytics.note.missed", { count: missed }) } : {}) }))}
          />
        ) : (
          <Nothing>{t("analytics.no_intents")}</Nothing>
        )}
      </Panel>
      <Panel title={t("analytics.routes")} hint={t("analytics.routes_hint")}>
        <Bars locale={locale} bars={ranked(report.routes, (route) => code("route", route))} />
        <h3>{t("analytics.reasons")}</h3>
        {reasons.length > 0 ? <Bars locale={locale} bars={reasons} /> : <Nothing>{t("analytics.no_reasons")}</Nothing>}
      </Panel>
    </>
  );
}

export function Stars({ stars }: { stars: readonly number[] }) {
  const { t, locale } = useI18n();
  const rated = stars.reduce((sum, count) => sum + count, 0);
  return (
    <Panel title={t("analytics.stars")} hint={t("analytics.stars_hint")}>
      {rated > 0 ? (
        <Bars locale={locale} bars={[...stars.entries()].reverse().map(([index, count]) => ({ name: t("analytics.star", { count: index + 1 }), count }))} />
      ) : (
        <Nothing>
          <IconStarFilled size={15} aria-hidden /> {t("analytics.no_stars")}
        </Nothing>
      )}
    </Panel>
  );
}

export function Missed({ missed }: { missed: Report["missed"] }) {
  const { t, locale } = useI18n();
  const now = useNow(NOW_EVERY_MS);
  return (
    <Panel title={t("analytics.missed")} hint={t("analytics.missed_hint")}>
      {missed.length > 0 ? (
        <ul className={css.missed}>
          {missed.slice(0, 8).map((question) => (
            <li key={question.text}>
              <Link to={`/inbox/${question.conversation_id}`}>{question.text}</Link>
              <span>{question.count > 1 ? t("analytics.times", { count: question.count }) : ago(question.at, locale, now)}</span>
            </li>
          ))}
        </ul>
      ) : (
        <Nothing>{t("analytics.no_missed")}</Nothing>
      )}
      <Link to="/knowledge/unanswered" className={css.more ?? ""}>
        {t("analytics.to_knowledge")}
      </Link>
    </Panel>
  );
}
