import { IconEye, IconPencil } from "@tabler/icons-react";
import { useI18n } from "../i18n";
import { useDeskState } from "../live/context";
import css from "./note.module.css";

/** Which colleagues look at this chat too, or answer it: said where one is about to write. */
export function Viewers() {
  const { t } = useI18n();
  const viewing = useDeskState((state) => state.thread?.viewing);
  const typing = useDeskState((state) => state.thread?.typingAgents);
  const replying = typing !== undefined && typing.length > 0;
  const names = replying ? typing : viewing;
  return (
    <span className={css.viewers} role="status" data-typing={replying}>
      {names && names.length > 0 && (
        <>
          {replying ? <IconPencil size={15} aria-hidden /> : <IconEye size={15} aria-hidden />}
          <span>{t(replying ? "thread.agent_typing" : "thread.viewing", { name: names.join(", ") })}</span>
        </>
      )}
    </span>
  );
}
