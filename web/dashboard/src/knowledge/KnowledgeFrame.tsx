import type { ReactNode } from "react";
import { useI18n } from "../i18n";
import { Frame } from "../shell/Frame";

interface Props {
  actions?: ReactNode;
  fill?: boolean;
  children: ReactNode;
}

export function KnowledgeFrame({ actions, fill = false, children }: Props) {
  const { t } = useI18n();
  const tabs = [
    { to: "/knowledge", label: t("knowledge.entries"), end: true },
    { to: "/knowledge/unanswered", label: t("knowledge.unanswered") },
    { to: "/knowledge/test", label: t("knowledge.test") },
    { to: "/knowledge/regression", label: t("knowledge.regression") },
    { to: "/knowledge/synonyms", label: t("knowledge.synonyms") },
    { to: "/knowledge/lint", label: t("knowledge.lint") },
  ];
  return (
    <Frame title={t("nav.knowledge")} tabs={tabs} actions={actions} fill={fill}>
      {children}
    </Frame>
  );
}
