import { Button } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconLock, IconMessage2 } from "@tabler/icons-react";
import { useState } from "react";
import type { ConversationSummary } from "../../../shared/events";
import { useI18n } from "../i18n";
import { useStep } from "../inbox/commands";
import { isSupervisor, useMe } from "../shell/session";
import css from "./note.module.css";
import { NoteBox } from "./NoteBox";
import { ReplyBox } from "./ReplyBox";
import threadCss from "./thread.module.css";
import { Viewers } from "./Viewers";

function Locked({ row }: { row: ConversationSummary }) {
  const { t } = useI18n();
  const me = useMe();
  const step = useStep();
  const take = row.owner === "closed" ? "reopen" : "claim";
  const taken = row.owner === "agent" && row.agent_id !== me.id;
  const words =
    row.owner === "bot"
      ? t("composer.bot_owns")
      : row.owner === "queued"
        ? t("composer.queued")
        : row.owner === "closed"
          ? t("composer.closed")
          : t("composer.other_agent", { name: row.agent_name ?? "" });
  return (
    <div className={threadCss.lockedLine}>
      <span>{words}</span>
      {!taken && (
        <Button loading={step.isPending} onClick={() => step.mutate({ id: row.id, step: take })}>
          {t(take === "claim" ? "composer.claim" : "step.reopen")}
        </Button>
      )}
    </div>
  );
}

/** Below the messages: a reply to the customer, if the chat is mine, or a note to colleagues. */
export function Composer({ row }: { row: ConversationSummary }) {
  const { t } = useI18n();
  const me = useMe();
  const [noting, setNoting] = useState(false);
  const mine = row.owner === "agent" && row.agent_id === me.id;
  const whispers = isSupervisor(me) && row.owner === "agent" && !mine;
  useHotkeys([
    ["N", () => setNoting(true)],
    ["R", () => setNoting(false)],
  ]);
  const tab = (note: boolean) => (
    <button type="button" role="tab" className={css.tab} data-note={note} aria-selected={noting === note} onClick={() => setNoting(note)}>
      {note ? <IconLock size={14} aria-hidden /> : <IconMessage2 size={14} aria-hidden />}
      {t(note ? "note.tab" : "composer.label")}
    </button>
  );
  return (
    <div className={`${threadCss.composer} ${css.box}`} data-note={noting}>
      <div className={css.tabs} role="tablist" aria-label={t("note.tabs")}>
        {tab(false)}
        {tab(true)}
      </div>
      <Viewers />
      {noting ? <NoteBox key={row.id} row={row} whispers={whispers} /> : mine ? <ReplyBox key={row.id} row={row} /> : <Locked row={row} />}
    </div>
  );
}
