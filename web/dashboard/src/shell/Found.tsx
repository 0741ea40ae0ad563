import { Loader } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { IconProps } from "@tabler/icons-react";
import type { ComponentType, ReactNode } from "react";
import { useI18n } from "../i18n";
import { Failure } from "./Failure";
import css from "./found.module.css";

interface FoundProps<T> {
  query: Pick<UseQueryResult<T>, "data" | "error" | "refetch">;
  /** In the place of what is looked for, until it is there. */
  waiting?: ReactNode;
  children: (data: T) => ReactNode;
}

/** What a query found; until then a wait, and where it failed the reason and another try. */
export function Found<T>({ query, waiting, children }: FoundProps<T>) {
  const { t } = useI18n();
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />;
  if (query.data === undefined) return waiting ?? <Loader m="xl" aria-label={t("state.loading")} />;
  return children(query.data);
}

interface NothingProps {
  icon: ComponentType<IconProps>;
  title?: string;
  hint?: string;
  /** What to do about it. */
  children?: ReactNode;
}

/** A page or list without anything in it yet. */
export function Nothing({ icon: Icon, title, hint, children }: NothingProps) {
  return (
    <div className={css.nothing}>
      <span className={css.icon}>
        <Icon size={28} stroke={1.5} aria-hidden />
      </span>
      {title && <h2>{title}</h2>}
      {hint && <p>{hint}</p>}
      {children && <div className={css.ways}>{children}</div>}
    </div>
  );
}
