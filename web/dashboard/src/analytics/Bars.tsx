import css from "./analytics.module.css";

export interface Bar {
  name: string;
  count: number;
  /** Of them in vain, drawn in the bar. */
  missed?: number;
  note?: string;
}

/** A ranking: name, bar, number. */
export function Bars({ bars, locale }: { bars: readonly Bar[]; locale: string }) {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <ul className={css.bars}>
      {bars.map((bar) => (
        <li key={bar.name} title={bar.note}>
          <span className={css.bar_name}>{bar.name}</span>
          <span className={css.bar_count}>{new Intl.NumberFormat(locale).format(bar.count)}</span>
          <span className={css.track} aria-hidden="true">
            <span style={{ width: `${(100 * (bar.count - (bar.missed ?? 0))) / most}%` }} />
            <span data-missed style={{ width: `${(100 * (bar.missed ?? 0)) / most}%` }} />
          </span>
          {bar.note && <span className="lx-sr">{bar.note}</span>}
        </li>
      ))}
    </ul>
  );
}
