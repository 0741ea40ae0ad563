import { type ReactNode, useId } from "react";
import css from "./analytics.module.css";

/** One card of the page, named by its heading. */
export function Panel({ title, hint, wide = false, children }: { title: string; hint?: string; wide?: boolean; children: ReactNode }) {
  const id = useId();
  return (
    <section className={css.panel} data-wide={wide} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {hint && <p className={css.hint}>{hint}</p>}
      {children}
    </section>
  );
}

export function Nothing({ children }: { children: ReactNode }) {
  return <p className={css.nothing}>{children}</p>;
}
