import { Button, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconDownload, IconSearch, IconTrash } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { fullTime } from "../../i18n/time";
import { Portrait } from "../../inbox/Portrait";
import { Failure } from "../../shell/Failure";
import { Card } from "../Card";
import settings from "../settings.module.css";
import { EraseDialog } from "./EraseDialog";
import css from "./privacy.module.css";

export interface Customer {
  id: string;
  name: string;
  email: string | null;
  external_id: string | null;
  conversations: number;
  created_at: string;
  seen_at: string;
}

export const CUSTOMERS = ["customers"];

/** One customer by what they can say of themselves; everything of theirs, or nothing any more. */
export function CustomersCard() {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  const [leaving, setLeaving] = useState<Customer | null>(null);
  const found = useQuery({
    queryKey: [...CUSTOMERS, asked],
    queryFn: () => api<{ items: Customer[] }>("/api/privacy/customers", { query: { q: asked } }).then(({ items }) => items),
    enabled: asked !== "",
  });
  const search = (event: FormEvent) => {
    event.preventDefault();
    setAsked(text.trim());
  };
  return (
    <Card flush title={t("privacy.find")} hint={t("privacy.find_hint")}>
      <form className={css.search} role="search" onSubmit={search}>
        <TextInput aria-label={t("privacy.find")} placeholder={t("privacy.placeholder")} maxLength={320} value={text} leftSection={<IconSearch size={16} aria-hidden />} onChange={(event) => setText(event.currentTarget.value)} />
        <Button type="submit" variant="default" disabled={!text.trim()} loading={found.isFetching}>
          {t("privacy.search")}
        </Button>
      </form>
      {found.isError && <Failure error={found.error} onRetry={() => void found.refetch()} />}
      {found.data?.length === 0 && <p className={settings.nothing}>{t("privacy.nobody", { text: asked })}</p>}
      <ul className={settings.rows} aria-label={t("privacy.found")}>
        {found.data?.map((customer) => <Row key={customer.id} customer={customer} onErase={() => setLeaving(customer)} />)}
      </ul>
      {leaving && <EraseDialog customer={leaving} onClose={() => setLeaving(null)} />}
    </Card>
  );
}

function Row({ customer, onErase }: { customer: Customer; onErase: () => void }) {
  const { t, locale } = useI18n();
  const name = customer.name || t("visitor.anonymous");
  const facts = [customer.email, customer.external_id, t("privacy.chats", { count: customer.conversations }), t("privacy.seen", { time: fullTime(customer.seen_at, locale) })];
  return (
    <li className={settings.row}>
      <Portrait name={name} id={customer.id} size={36} />
      <div className={settings.what}>
        <b>{name}</b>
        <span>{facts.filter(Boolean).join(" · ")}</span>
      </div>
      <Button component="a" href={`/api/privacy/customers/${customer.id}`} download size="xs" variant="default" leftSection={<IconDownload size={15} aria-hidden />}>
        {t("privacy.export")}
      </Button>
      <Button size="xs" variant="light" color="red" leftSection={<IconTrash size={15} aria-hidden />} onClick={onErase}>
        {t("privacy.erase")}
      </Button>
    </li>
  );
}
