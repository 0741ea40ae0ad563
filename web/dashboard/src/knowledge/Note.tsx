import type { ReactNode } from "react";
import css from "./chips.module.css";

/** A remark that the page stands by, in the product's own colours. */
export function Note({ tone, icon, title, children }: { tone: "good" | "warn" | "bad" | "plain"; icon: ReactNode; title?: string; children?: ReactNode }) {
  return (
    <div className={css.note} data-tone={tone}>
      {icon}
      <div>
        {title && <strong>{title}</strong>}
        {children && <p>{children}</p>}
      </div>
    </div>
  );
}
