import { IconArrowLeft } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";
import { Link, NavLink, useLocation } from "react-router";
import css from "./frame.module.css";

export interface Tab {
  to: string;
  label: string;
  /** Shown behind the label where it is not 0. */
  count?: number;
  /** Only its own path makes it the current one. */
  end?: boolean;
}

interface Props {
  title: string;
  /** Behind the title, e.g. a status. */
  badge?: ReactNode;
  /** A page below another: the way back to it. */
  back?: { to: string; label: string };
  tabs?: readonly Tab[];
  tabsLabel?: string;
  actions?: ReactNode;
  /** The body scrolls by itself, e.g. a virtual list. */
  fill?: boolean;
  children: ReactNode;
}

/** What every page but the inbox has in common: a head with tabs and actions over its body. */
export function Frame({ title, badge, back, tabs, tabsLabel, actions, fill = false, children }: Props) {
  return (
    <main id="main" className={css.frame} tabIndex={-1}>
      <header className={css.head}>
        {back && (
          <Link to={back.to} className={css.back ?? ""} aria-label={back.label} title={back.label}>
            <IconArrowLeft size={19} aria-hidden />
          </Link>
        )}
        <h1 className={css.title}>{title}</h1>
        {badge}
        {tabs && <Tabs tabs={tabs} label={tabsLabel ?? title} />}
        {actions && <div className={css.actions}>{actions}</div>}
      </header>
      <div className={css.body} data-fill={fill}>
        {children}
      </div>
    </main>
  );
}

function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const row = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // On a phone there are more of them than fit.
  useEffect(() => {
    row.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [pathname]);
  return (
    <nav ref={row} className={css.tabs} aria-label={label}>
      {tabs.map((tab) => (
        <NavLink key={tab.to} to={tab.to} end={tab.end ?? false} className={css.tab ?? ""}>
          {tab.label}
          {tab.count ? <span className={css.count}>{tab.count}</span> : null}
        </NavLink>
      ))}
    </nav>
  );
}

/** The width and air of an ordinary page's content. */
export function Column({ children, wide = false }: { children: ReactNode; wide?: boolean }) {
  return (
    <div className={css.column} data-wide={wide}>
      {children}
    </div>
  );
}
