import { Button, Checkbox, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { useSaved } from "../useSaved";
import { type Customer, CUSTOMERS } from "./CustomersCard";

/** Erasing cannot be undone: it is said what goes, and agreed to by hand. */
export function EraseDialog({ customer, onClose }: { customer: Customer; onClose: () => void }) {
  const { t } = useI18n();
  const [agreed, setAgreed] = useState(false);
  const name = customer.name || t("visitor.anonymous");
  const erase = useSaved((id: string) => api(`/api/privacy/customers/${id}`, { method: "DELETE" }), {
    stale: [CUSTOMERS, ["inbox"]],
    told: t("privacy.erased", { name }),
    onDone: onClose,
  });
  return (
    <Modal opened onClose={onClose} title={t("privacy.erase_title", { name })} closeButtonProps={{ "aria-label": t("action.cancel") }}>
      <Stack gap="md">
        <Text size="sm">{t("privacy.erase_hint", { count: customer.conversations })}</Text>
        <Checkbox label={t("privacy.erase_agree")} checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button color="red.9" disabled={!agreed} loading={erase.isPending} onClick={() => erase.mutate(customer.id)}>
            {t("privacy.erase_now")}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
