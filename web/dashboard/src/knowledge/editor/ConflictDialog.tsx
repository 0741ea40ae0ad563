import { Button, Modal } from "@mantine/core";
import { useI18n } from "../../i18n";
import type { Content } from "../types";
import { Differences } from "./Differences";
import css from "./editor.module.css";
import type { Conflict } from "./useEntryForm";

interface Props {
  conflict: Conflict;
  mine: Content;
  onSettle: (take: "mine" | "theirs" | null) => void;
}

/** Somebody else saved meanwhile: what differs, and whose version shall be the newest. Nothing is lost: both stay in the history. */
export function ConflictDialog({ conflict, mine, onSettle }: Props) {
  const { t } = useI18n();
  const { theirs } = conflict;
  return (
    <Modal opened onClose={() => onSettle(null)} title={t("conflict.title", { name: theirs.updated_by })} size="lg" closeButtonProps={{ "aria-label": t("action.close_panel") }}>
      <p className={css.quiet}>{t("conflict.hint", { name: theirs.updated_by, number: theirs.version })}</p>
      <h3 className={css.smallHead}>{t("conflict.differences")}</h3>
      <Differences before={theirs.content} after={mine} />
      <div className={css.dialogActions}>
        <Button variant="default" onClick={() => onSettle("theirs")}>
          {t("conflict.take_theirs")}
        </Button>
        <Button onClick={() => onSettle("mine")}>{t("conflict.take_mine")}</Button>
      </div>
    </Modal>
  );
}
