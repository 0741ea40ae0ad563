import { Alert, Button, NumberInput, SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { Failure } from "../../shell/Failure";
import { Card } from "../Card";
import { useSaved } from "../useSaved";
import css from "./privacy.module.css";

const KEY = ["retention"];
const PATH = "/api/privacy/retention";
const USUAL_DAYS = 365;

interface Retention {
  days: number | null;
}

/** How long conversations are kept without a word in them. */
export function RetentionCard() {
  const { t } = useI18n();
  const state = useQuery({ queryKey: KEY, queryFn: () => api<Retention>(PATH) });
  if (state.isError) return <Failure error={state.error} onRetry={() => void state.refetch()} />;
  return (
    <Card title={t("retention.title")} hint={t("retention.hint")}>
      {state.data && <Form key={String(state.data.days)} found={state.data.days} />}
    </Card>
  );
}

function Form({ found }: { found: number | null }) {
  const { t } = useI18n();
  const [days, setDays] = useState(found);
  const save = useSaved((body: Retention) => api(PATH, { method: "PUT", body }), { stale: [KEY], told: t("owner.saved") });
  const shorter = days !== null && (found === null || days < found);
  return (
    <div className={css.retention}>
      <div className={css.line}>
        <SegmentedControl
          aria-label={t("retention.title")}
          value={days === null ? "all" : "some"}
          data={[
            { value: "all", label: t("retention.all") },
            { value: "some", label: t("retention.some") },
          ]}
          onChange={(value) => setDays(value === "all" ? null : (found ?? USUAL_DAYS))}
        />
        {days !== null && (
          <NumberInput w={130} aria-label={t("retention.days")} suffix={` ${t("retention.unit")}`} min={1} max={36_500} allowDecimal={false} value={days} onChange={(value) => setDays(Math.max(1, Number(value) || 1))} />
        )}
        <Button disabled={days === found} color={shorter ? "red" : "iris"} loading={save.isPending} onClick={() => save.mutate({ days })}>
          {t(shorter ? "retention.forget" : "action.save")}
        </Button>
      </div>
      {shorter && (
        <Alert color="red" variant="light" icon={<IconAlertTriangle />}>
          {t("retention.warning", { days })}
        </Alert>
      )}
    </div>
  );
}
