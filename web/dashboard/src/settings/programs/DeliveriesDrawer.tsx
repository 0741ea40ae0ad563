import { Button, Drawer, Loader } from "@mantine/core";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { fullTime } from "../../i18n/time";
import { Failure } from "../../shell/Failure";
import css from "../settings.module.css";
import { useSaved } from "../useSaved";
import { type Delivery, useDeliveries, type Webhook, WEBHOOKS } from "./usePrograms";

const TONES = { delivered: "good", pending: "warn", failed: "bad" } as const;

/** What a webhook was told, and what it is still owed. */
export function DeliveriesDrawer({ webhook, onClose }: { webhook: Webhook; onClose: () => void }) {
  const { t } = useI18n();
  const log = useDeliveries(webhook.id);
  const items = log.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Drawer opened onClose={onClose} position="right" size={520} title={t("webhooks.log_of", { name: webhook.name })} closeButtonProps={{ "aria-label": t("action.close_panel") }}>
      {log.isPending && <Loader size="sm" aria-label={t("state.loading")} />}
      {log.isError && <Failure error={log.error} onRetry={() => void log.refetch()} />}
      {log.isSuccess && items.length === 0 && <p className={css.nothing}>{t("webhooks.log_empty")}</p>}
      <ul className={css.rows} aria-label={t("webhooks.log_of", { name: webhook.name })}>
        {items.map((delivery) => (
          <Row key={delivery.id} webhookId={webhook.id} delivery={delivery} />
        ))}
      </ul>
      {log.hasNextPage && (
        <Button variant="subtle" fullWidth loading={log.isFetchingNextPage} onClick={() => void log.fetchNextPage()}>
          {t("action.more")}
        </Button>
      )}
    </Drawer>
  );
}

function Row({ webhookId, delivery }: { webhookId: string; delivery: Delivery }) {
  const { t, code, locale } = useI18n();
  const resend = useSaved((id: string) => api(`/api/webhooks/${webhookId}/deliveries/${id}/resend`, { method: "POST" }), { stale: [WEBHOOKS] });
  const facts = [
    fullTime(delivery.created_at, locale),
    delivery.attempts > 1 ? t("webhooks.attempts", { count: delivery.attempts }) : "",
    delivery.status ? `HTTP ${delivery.status}` : "",
    delivery.error ? code("webhook_error", delivery.error) : "",
    delivery.next_at ? t("webhooks.again", { time: fullTime(delivery.next_at, locale) }) : "",
  ];
  return (
    <li className={css.row} style={{ paddingInline: 0 }}>
      <div className={css.what}>
        <b>{code("event", delivery.event)}</b>
        <span>{facts.filter(Boolean).join(" · ")}</span>
      </div>
      <span className={css.state} data-state={TONES[delivery.state]}>
        {t(`webhooks.state.${delivery.state}`)}
      </span>
      {delivery.state !== "pending" && (
        <Button size="compact-xs" variant="subtle" onClick={() => resend.mutate(delivery.id)}>
          {t("thread.resend")}
        </Button>
      )}
    </li>
  );
}
