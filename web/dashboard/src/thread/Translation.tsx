import { IconLanguage } from "@tabler/icons-react";
import { useState } from "react";
import { useI18n } from "../i18n";
import { Markdown } from "./Markdown";
import css from "./thread.module.css";
import { spokenIn, useWording, useWordingAvailable } from "./useWording";

/** A message in the reader's language, asked for once and then shown or hidden. */
export function useTranslation(text: string) {
  const { t, language } = useI18n();
  const available = useWordingAvailable();
  const wording = useWording();
  const [shown, setShown] = useState(false);
  const spoken = spokenIn(text);
  if (!available || spoken === null || spoken === language) return { words: null, tool: null };
  const toggle = () => {
    if (!shown && !wording.data) wording.mutate({ text, to: language });
    setShown(!shown);
  };
  return {
    words: shown && wording.data && (
      <div className={css.translation} lang={language}>
        <Markdown text={wording.data.text} />
      </div>
    ),
    tool: (
      <button type="button" className={css.tool} aria-pressed={shown} disabled={wording.isPending} onClick={toggle}>
        <IconLanguage size={14} aria-hidden /> {t(wording.isPending ? "wording.working" : shown && wording.data ? "wording.hide" : "wording.translate")}
      </button>
    ),
  };
}
