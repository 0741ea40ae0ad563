import { type ReactNode, useId } from "react";
import css from "./settings.module.css";

interface Props {
  title: string;
  hint?: ReactNode;
  actions?: ReactNode;
  /** Rows up to the edge. */
  flush?: boolean;
  children: ReactNode;
}

/** One subject of a settings page, named by its heading. */
export function Card({ title, hint, actions, flush = false, children }: Props) {
  const id = useId();
  return (
    <section className={css.card} aria-labelledby={id} data-flush={flush}>
      <header className={css.head}>
        <div>
          <h2 id={id}>{title}</h2>
          {hint && <p>{hint}</p>}
        </div>
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      <div className={css.content}>{children}</div>
    </section>
  );
}
