import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconLanguage, IconWand } from "@tabler/icons-react";
import { useState } from "react";
import type { Language } from "../../../shared/events";
import { useI18n } from "../i18n";
import { spokenIn, useWording, useWordingAvailable } from "./useWording";

interface Props {
  text: string;
  /** The customer's. */
  to: Language;
  onWords: (text: string) => void;
}

/** The draft in the customer's language, or in the house's tone; and back to what was written. */
export function WordingTools({ text, to, onWords }: Props) {
  const { t } = useI18n();
  const available = useWordingAvailable();
  const wording = useWording();
  const [before, setBefore] = useState<{ was: string; is: string } | null>(null);
  if (!available) return null;
  const spoken = spokenIn(text);
  const reword = (body: { text: string; to: Language } | { text: string }) =>
    wording.mutate(body, {
      onSuccess: (found) => {
        setBefore({ was: text, is: found.text });
        onWords(found.text);
      },
    });
  const tools = [
    { label: t("wording.to_customer"), Icon: IconLanguage, off: spoken === null || spoken === to, go: () => reword({ text, to }) },
    { label: t("wording.polish"), Icon: IconWand, off: spoken === null, go: () => reword({ text }) },
  ];
  return (
    <>
      {tools.map(({ label, Icon, off, go }) => (
        <Tooltip key={label} label={label}>
          <ActionIcon aria-label={label} size="lg" disabled={off} loading={wording.isPending} onClick={go}>
            <Icon size={19} />
          </ActionIcon>
        </Tooltip>
      ))}
      {before && before.is === text && (
        <Tooltip label={t("wording.undo")}>
          <ActionIcon aria-label={t("wording.undo")} size="lg" onClick={() => onWords(before.was)}>
            <IconArrowBackUp size={19} />
          </ActionIcon>
        </Tooltip>
      )}
    </>
  );
}
