import { Button, Modal } from "@mantine/core";
import { type RefObject, useEffect } from "react";
import { useBlocker } from "react-router";
import { useI18n } from "../../i18n";
import css from "./editor.module.css";

interface Props {
  dirty: boolean;
  /** Set while a navigation of our own is under way, e.g. to what was just saved. */
  leaving: RefObject<boolean>;
}

/** Holds back a navigation, a reload or a closed tab while something is unsaved. */
export function LeaveGuard({ dirty, leaving }: Props) {
  const { t } = useI18n();
  const blocker = useBlocker(({ currentLocation, nextLocation }) => dirty && !leaving.current && currentLocation.pathname !== nextLocation.pathname);
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);
  if (blocker.state !== "blocked") return null;
  return (
    <Modal opened onClose={() => blocker.reset()} title={t("leave.title")} withCloseButton={false}>
      <p className={css.quiet}>{t("leave.hint")}</p>
      <div className={css.dialogActions}>
        <Button variant="subtle" color="red" onClick={() => blocker.proceed()}>
          {t("leave.discard")}
        </Button>
        <Button onClick={() => blocker.reset()} data-autofocus>
          {t("leave.stay")}
        </Button>
      </div>
    </Modal>
  );
}
