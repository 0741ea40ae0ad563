import { useI18n } from "../i18n";
import css from "./analytics.module.css";
import { Panel } from "./Panel";

const MONDAY_MS = Date.UTC(2024, 0, 1);
const DAY_MS = 86_400_000;

/** When customers write: a table whose cells are the darker the more they hold. */
export function HourMap({ hours, zone }: { hours: readonly (readonly number[])[]; zone: string }) {
  const { t, locale } = useI18n();
  const most = Math.max(1, ...hours.flat());
  const name = (weekday: number, length: "short" | "long") =>
    new Intl.DateTimeFormat(locale, { weekday: length, timeZone: "UTC" }).format(MONDAY_MS + weekday * DAY_MS);
  return (
    <Panel title={t("analytics.hours")} hint={t("analytics.hours_hint", { zone })}>
      <table className={css.hours}>
        <thead>
          <tr>
            <td />
            {Array.from({ length: 24 }, (_, hour) => (
              <th key={hour} scope="col">
                <span aria-hidden="true">{hour % 6 === 0 ? hour : ""}</span>
                <span className="lx-sr">{hour}:00</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hours.map((row, weekday) => (
            <tr key={weekday}>
              <th scope="row">{name(weekday, "short")}</th>
              {row.map((count, hour) => (
                <td key={hour} title={t("analytics.hour", { day: name(weekday, "long"), hour, count })}>
                  <span
                    className={css.cell}
                    style={{ background: count ? `color-mix(in srgb, var(--lx-accent) ${Math.round(14 + (86 * count) / most)}%, var(--lx-surface))` : undefined }}
                  />
                  <span className="lx-sr">{count}</span>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
