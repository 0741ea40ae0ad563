import { Button } from "@mantine/core";
import { IconKey, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import { type Translate, useI18n } from "../../i18n";
import { fullTime } from "../../i18n/time";
import { Failure } from "../../shell/Failure";
import { useConfirm } from "../../shell/confirm";
import { Card } from "../Card";
import { SecretShown } from "../SecretShown";
import css from "../settings.module.css";
import { useSaved } from "../useSaved";
import { KeyForm } from "./KeyForm";
import { type ApiKey, KEYS, type Made, useKeys } from "./usePrograms";

/** Other programs' keys: what each may do, when it was last used; taken back at any time. */
export function KeysCard() {
  const { t } = useI18n();
  const keys = useKeys();
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  return (
    <Card
      flush
      title={t("keys.title")}
      hint={t("keys.hint")}
      actions={
        <Button size="xs" variant="default" leftSection={<IconPlus size={15} aria-hidden />} onClick={() => setAdding(true)}>
          {t("keys.add")}
        </Button>
      }
    >
      {keys.isError && <Failure error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && <p className={css.nothing}>{t("keys.none")}</p>}
      <ul className={css.rows} aria-label={t("keys.title")}>
        {keys.data?.map((key) => <Row key={key.id} apiKey={key} />)}
      </ul>
      {adding && (
        <KeyForm
          onClose={() => setAdding(false)}
          onMade={(secret) => {
            setAdding(false);
            setMade(secret);
          }}
        />
      )}
      {made && <SecretShown title={t("keys.made")} hint={t("keys.made_hint")} secret={made.secret} onClose={() => setMade(null)} />}
    </Card>
  );
}

function stateOf(key: ApiKey): "good" | "expired" | "revoked" {
  if (key.revoked_at) return "revoked";
  return key.expires_at && Date.parse(key.expires_at) < Date.now() ? "expired" : "good";
}

function factsOf(key: ApiKey, t: Translate, locale: string): string {
  const used = key.last_used_at ? t("keys.used", { time: fullTime(key.last_used_at, locale) }) : t("keys.unused");
  const ends = key.expires_at ? t("keys.ends", { time: fullTime(key.expires_at, locale) }) : "";
  return [`${key.hint}…`, t("keys.by", { name: key.created_by }), used, ends].filter(Boolean).join(" · ");
}

function Row({ apiKey }: { apiKey: ApiKey }) {
  const { t, locale } = useI18n();
  const revoke = useSaved((id: string) => api(`/api/keys/${id}`, { method: "DELETE" }), { stale: [KEYS] });
  const confirm = useConfirm();
  const state = stateOf(apiKey);
  const question = { title: t("confirm.revoke", { name: apiKey.name }), hint: t("confirm.key"), action: t("keys.revoke") };
  return (
    <li className={css.row}>
      <IconKey size={20} stroke={1.6} aria-hidden />
      <div className={css.what}>
        <b>{apiKey.name}</b>
        <span>{factsOf(apiKey, t, locale)}</span>
        <span className={css.chips}>
          {apiKey.scopes.map((scope) => (
            <span key={scope} className={css.chip}>
              {t(`scope.${scope}`)}
            </span>
          ))}
        </span>
      </div>
      {state === "good" ? (
        <Button size="xs" variant="light" color="red" aria-label={t("keys.revoke_this", { name: apiKey.name })} onClick={() => confirm(question, () => revoke.mutate(apiKey.id))}>
          {t("keys.revoke")}
        </Button>
      ) : (
        <span className={css.state} data-state="bad">
          {t(`keys.${state}`)}
        </span>
      )}
    </li>
  );
}
