import css from "./bot.module.css";
import type { Label } from "./types";

/** Intents or entities with how many examples teach each. */
export function Labels({ title, labels, hint }: { title: string; labels: readonly Label[]; hint?: string }) {
  const most = Math.max(1, ...labels.map(({ examples }) => examples));
  return (
    <section className={css.card} aria-label={title}>
      <div className={css.cardHead}>
        <h2>
          {title} <span>{labels.length}</span>
        </h2>
        {hint && <span className={css.quiet}>{hint}</span>}
      </div>
      <ol className={css.bars}>
        {labels.map(({ name, examples }) => (
          <li key={name}>
            <code>{name}</code>
            <i style={{ width: `${(100 * examples) / most}%` }} aria-hidden="true" />
            <span>{examples}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
