import { useI18n } from "../../i18n";
import css from "../settings.module.css";

/** The intents by which something is chosen. */
export function Intents({ intents }: { intents: readonly string[] }) {
  const { t, code } = useI18n();
  if (intents.length === 0) return <span>{t("teams.no_intents")}</span>;
  return (
    <span className={css.chips}>
      {intents.map((intent) => (
        <span key={intent} className={css.chip}>
          {code("intent", intent)}
        </span>
      ))}
    </span>
  );
}
