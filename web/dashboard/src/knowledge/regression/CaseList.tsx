import { ActionIcon } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconCheck, IconFlask, IconTrash, IconX } from "@tabler/icons-react";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { useConfirm } from "../../shell/confirm";
import { wordsOf } from "../../shell/Failure";
import { Nothing } from "../../shell/Found";
import { isSupervisor, useMe } from "../../shell/session";
import { EntryLink } from "../EntryLink";
import css from "./regression.module.css";
import type { Case, CheckAnswer } from "./types";

/** The set, with the marks of the last run. */
export function CaseList({ cases, check }: { cases: readonly Case[]; check: CheckAnswer | null }) {
  const { t } = useI18n();
  const confirm = useConfirm();
  const queries = useQueryClient();
  const supervisor = isSupervisor(useMe());
  const remove = useMutation({
    mutationFn: (id: string) => api(`/api/faq/cases/${id}`, { method: "DELETE" }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["faq", "cases"] }),
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
  if (cases.length === 0) {
    return <Nothing icon={IconFlask} title={t("regression.empty")} hint={t("regression.empty_hint")} />;
  }
  const wrong = new Set([...(check?.worse ?? []), ...(check?.failing ?? [])].map(({ query }) => query));
  return (
    <ul className={css.cases} aria-label={t("knowledge.regression")}>
      {cases.map((one) => (
        <li key={one.id}>
          {check &&
            (wrong.has(one.query) ? (
              <IconX size={17} className={css.wrong} aria-label={t("regression.wrong")} role="img" />
            ) : (
              <IconCheck size={17} className={css.right} aria-label={t("regression.right")} role="img" />
            ))}
          <span className={css.query}>{one.query}</span>
          <span className={css.target}>{one.entry_id ? <EntryLink id={one.entry_id} /> : <em>{t("regression.none_may")}</em>}</span>
          {supervisor && (
            <ActionIcon onClick={() => confirm({ title: t("confirm.delete", { name: one.query }), hint: t("confirm.case") }, () => remove.mutate(one.id))} aria-label={t("regression.remove", { query: one.query })}>
              <IconTrash size={16} />
            </ActionIcon>
          )}
        </li>
      ))}
    </ul>
  );
}
