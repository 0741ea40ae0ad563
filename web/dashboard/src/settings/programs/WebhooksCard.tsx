import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useI18n } from "../../i18n";
import { Failure } from "../../shell/Failure";
import { Card } from "../Card";
import { SecretShown } from "../SecretShown";
import css from "../settings.module.css";
import { DeliveriesDrawer } from "./DeliveriesDrawer";
import { type Made, useWebhooks, type Webhook } from "./usePrograms";
import { type Draft, WebhookForm } from "./WebhookForm";
import { WebhookRow } from "./WebhookRow";

const FRESH: Draft = { id: null, name: "", url: "https://", events: [] };

/** Programs that are told what happens, signed and again until they have heard it. */
export function WebhooksCard() {
  const { t } = useI18n();
  const webhooks = useWebhooks();
  const [edited, setEdited] = useState<Draft | null>(null);
  const [read, setRead] = useState<Webhook | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  return (
    <Card
      flush
      title={t("webhooks.title")}
      hint={t("webhooks.hint")}
      actions={
        <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setEdited(FRESH)}>
          {t("webhooks.add")}
        </Button>
      }
    >
      {webhooks.isError && <Failure error={webhooks.error} onRetry={() => void webhooks.refetch()} />}
      {webhooks.data?.length === 0 && <p className={css.nothing}>{t("webhooks.none")}</p>}
      <ul className={css.rows} aria-label={t("webhooks.title")}>
        {webhooks.data?.map((webhook) => (
          <WebhookRow key={webhook.id} webhook={webhook} onEdit={() => setEdited(webhook)} onRead={() => setRead(webhook)} onSecret={setMade} />
        ))}
      </ul>
      {edited && (
        <WebhookForm
          draft={edited}
          onClose={() => setEdited(null)}
          onMade={(secret) => {
            setEdited(null);
            setMade(secret);
          }}
        />
      )}
      {read && <DeliveriesDrawer webhook={read} onClose={() => setRead(null)} />}
      {made && <SecretShown title={t("webhooks.secret")} hint={t("webhooks.secret_hint")} secret={made.secret} onClose={() => setMade(null)} />}
    </Card>
  );
}
