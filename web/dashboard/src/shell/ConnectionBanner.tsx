import { IconWifiOff } from "@tabler/icons-react";
import { useI18n } from "../i18n";
import { useDesk, useDeskState } from "../live/context";
import css from "./shell.module.css";
import { useNow } from "./now";

/** Told after the second failure: a single quick reconnect is nobody's business. */
const QUIET_FAILURES = 1;

export function ConnectionBanner() {
  const { t } = useI18n();
  const desk = useDesk();
  const link = useDeskState((state) => state.link);
  const offline = link.state === "waiting" && (link.failures > QUIET_FAILURES || !navigator.onLine);
  const now = useNow(1000, offline);
  return (
    <div aria-live="polite">
      {offline && (
        <div className={css.banner}>
          <IconWifiOff size={16} aria-hidden />
          <span>
            {t("link.offline", { seconds: Math.max(0, Math.ceil(((link.retryAt ?? now) - now) / 1000)) })}
          </span>
          <button type="button" onClick={() => desk.retryNow()}>
            {t("link.retry")}
          </button>
        </div>
      )}
    </div>
  );
}
