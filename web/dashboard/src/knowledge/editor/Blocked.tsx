import { Alert } from "@mantine/core";
import { IconShieldX } from "@tabler/icons-react";
import { useI18n } from "../../i18n";
import { Comparison } from "../regression/Comparison";
import type { CheckAnswer } from "../regression/types";

/** Why publishing was refused: questions that are answered right now and would not be any more. */
export function Blocked({ check }: { check: CheckAnswer }) {
  const { t } = useI18n();
  return (
    <>
      <Alert color="red" variant="light" icon={<IconShieldX />} title={t("blocked.title", { count: check.worse.length })} mb="md">
        {t("blocked.hint", { before: check.passed_before, after: check.passed_after, cases: check.cases })}
      </Alert>
      <Comparison results={check.worse} tone="bad" />
    </>
  );
}
