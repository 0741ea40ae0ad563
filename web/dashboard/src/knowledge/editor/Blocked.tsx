import { IconShieldX } from "@tabler/icons-react";
import { useI18n } from "../../i18n";
import { Note } from "../Note";
import { Comparison } from "../regression/Comparison";
import type { CheckAnswer } from "../regression/types";

/** Why publishing was refused: questions that are answered right now and would not be any more. */
export function Blocked({ check }: { check: CheckAnswer }) {
  const { t } = useI18n();
  return (
    <>
      <Note tone="bad" icon={<IconShieldX size={20} />} title={t("blocked.title", { count: check.worse.length })}>
        {t("blocked.hint", { before: check.passed_before, after: check.passed_after, cases: check.cases })}
      </Note>
      <div style={{ marginTop: 14 }}>
        <Comparison results={check.worse} tone="bad" />
      </div>
    </>
  );
}
