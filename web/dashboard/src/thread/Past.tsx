import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconMessages, IconRoute } from "@tabler/icons-react";
import { Link } from "react-router";
import type { ConversationSummary } from "../../../shared/events";
import { safeHref } from "../../../shared/markdown";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { ago, fullTime } from "../i18n/time";
import css from "./details.module.css";

interface PastData {
  trail: { url: string; at: string }[];
  earlier: ConversationSummary[];
}

/** An address as a person reads it: without scheme, and the path's end rather than its start. */
function shown(url: string): string {
  const plain = url.replace(/^https?:\/\//, "").replace(/\/$/, "");
  return plain.length > 60 ? `${plain.slice(0, 24)}…${plain.slice(-34)}` : plain;
}

function Page({ url, at }: { url: string; at: string }) {
  const { locale } = useI18n();
  const href = safeHref(url);
  return (
    <li>
      {href ? (
        <Anchor href={href} target="_blank" rel="noopener noreferrer nofollow" size="sm" title={url}>
          {shown(url)}
        </Anchor>
      ) : (
        shown(url)
      )}
      <time dateTime={at} title={fullTime(at, locale)}>
        {ago(at, locale, Date.now())}
      </time>
    </li>
  );
}

/** Where the customer was, and what was said with them before. */
export function Past({ conversationId, pageUrl }: { conversationId: string; pageUrl: string | null }) {
  const { t, locale } = useI18n();
  const past = useQuery({
    queryKey: ["past", conversationId, pageUrl],
    queryFn: () => api<PastData>(`/api/conversations/${conversationId}/customer`),
  });
  const { trail = [], earlier = [] } = past.data ?? {};
  return (
    <>
      {trail.length > 0 && (
        <section className={css.section}>
          <h3 className={css.title}>
            <IconRoute size={15} aria-hidden /> {t("customer.trail")}
          </h3>
          <ol className={css.trail}>
            {trail.map((page) => (
              <Page key={page.at + page.url} {...page} />
            ))}
          </ol>
        </section>
      )}
      {earlier.length > 0 && (
        <section className={css.section}>
          <h3 className={css.title}>
            <IconMessages size={15} aria-hidden /> {t("customer.earlier")}
          </h3>
          <ul className={css.earlier}>
            {earlier.map((row) => (
              <li key={row.id}>
                <Link to={`/inbox/${row.id}?view=all`}>
                  <span>{row.last_message || t("inbox.no_messages")}</span>
                  <time dateTime={row.last_at}>{ago(row.last_at, locale, Date.now())}</time>
                </Link>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
