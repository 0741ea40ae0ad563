import { ActionIcon, Button, Menu, Switch } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDots, IconKey, IconListDetails, IconPencil, IconSend, IconTrash } from "@tabler/icons-react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { useConfirm } from "../../shell/confirm";
import css from "../settings.module.css";
import { useSaved } from "../useSaved";
import { type Made, type Outcome, type Webhook, WEBHOOKS } from "./usePrograms";

interface Props {
  webhook: Webhook;
  onEdit: () => void;
  onRead: () => void;
  onSecret: (made: Made) => void;
}

export function WebhookRow({ webhook, onEdit, onRead, onSecret }: Props) {
  const { t, code } = useI18n();
  const confirm = useConfirm();
  const path = `/api/webhooks/${webhook.id}`;
  const stale = [WEBHOOKS];
  const change = useSaved((enabled: boolean) => api(path, { method: "PATCH", body: { enabled } }), { stale });
  const remove = useSaved(() => api(path, { method: "DELETE" }), { stale });
  const renew = useSaved(() => api<Made>(`${path}/secret`, { method: "POST" }), { stale, onDone: onSecret });
  const test = useSaved(() => api<Outcome>(`${path}/test`, { method: "POST" }), {
    stale,
    onDone: ({ delivered, status, error, duration_ms }) =>
      notifications.show({
        color: delivered ? "green" : "red",
        title: webhook.name,
        message: delivered ? t("webhooks.tested", { status: status ?? 200, ms: duration_ms }) : code("webhook_error", error ?? ""),
        autoClose: 8000,
      }),
  });
  const trouble = webhook.disabled_reason ? t(`webhooks.${webhook.disabled_reason}`) : webhook.failures > 0 ? t("webhooks.failures", { count: webhook.failures }) : null;
  return (
    <li className={css.row}>
      <Switch aria-label={t("webhooks.on", { name: webhook.name })} checked={webhook.enabled} onChange={(event) => change.mutate(event.currentTarget.checked)} />
      <div className={css.what}>
        <b>{webhook.name}</b>
        <span>{webhook.url}</span>
        <span className={css.chips}>
          {webhook.events.map((event) => (
            <span key={event} className={css.chip}>
              {t(`event.${event}`)}
            </span>
          ))}
        </span>
      </div>
      {trouble && (
        <span className={css.state} data-state={webhook.enabled ? "warn" : "bad"}>
          {trouble}
        </span>
      )}
      {webhook.waiting > 0 && <span className={css.state}>{t("webhooks.waiting", { count: webhook.waiting })}</span>}
      <Button size="xs" variant="default" leftSection={<IconSend size={14} aria-hidden />} loading={test.isPending} onClick={() => test.mutate(undefined)}>
        {t("webhooks.test")}
      </Button>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon aria-label={t("webhooks.more", { name: webhook.name })}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconListDetails size={15} />} onClick={onRead}>
            {t("webhooks.log")}
          </Menu.Item>
          <Menu.Item leftSection={<IconPencil size={15} />} onClick={onEdit}>
            {t("action.edit")}
          </Menu.Item>
          <Menu.Item leftSection={<IconKey size={15} />} onClick={() => confirm({ title: t("confirm.renew", { name: webhook.name }), hint: t("confirm.secret"), action: t("webhooks.renew") }, () => renew.mutate(undefined))}>
            {t("webhooks.renew")}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<IconTrash size={15} />} onClick={() => confirm({ title: t("confirm.delete", { name: webhook.name }), hint: t("confirm.webhook") }, () => remove.mutate(undefined))}>
            {t("action.delete")}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}
