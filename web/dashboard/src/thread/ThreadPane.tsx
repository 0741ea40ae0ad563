import { ActionIcon, Button, Loader, Menu, Tooltip } from "@mantine/core";
import { useHotkeys, useMediaQuery } from "@mantine/hooks";
import {
  IconArrowLeft,
  IconArrowsExchange,
  IconDots,
  IconLayoutSidebarRight,
  IconLayoutSidebarRightFilled,
} from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import type { ConversationSummary } from "../../../shared/events";
import { useI18n } from "../i18n";
import { duration } from "../i18n/time";
import { type Command, mayActOn, useConversationCommands, useOpenRow } from "../inbox/commands";
import { useInboxQuery } from "../inbox/useInbox";
import { Portrait } from "../inbox/Portrait";
import { useNow } from "../shell/now";
import { useMe } from "../shell/session";
import { Composer } from "./Composer";
import { Messages } from "./Messages";
import { Transfer } from "./Transfer";
import { Triage } from "./Triage";
import css from "./thread.module.css";
import { useConversation } from "./useConversation";

function Status({ row }: { row: ConversationSummary }) {
  const { t } = useI18n();
  const me = useMe();
  const now = useNow(1000, row.owner === "queued");
  const waited = row.waiting_since ? duration(now - Date.parse(row.waiting_since)) : "";
  const words = {
    bot: t("status.bot"),
    queued: t("status.queued", { time: waited }),
    agent: row.agent_id === me.id ? t("status.mine") : t("status.agent", { name: row.agent_name ?? "" }),
    closed: t("status.closed"),
  }[row.owner];
  return (
    <span className={css.status} data-owner={row.owner}>
      {words}
    </span>
  );
}

function Step({ command, primary }: { command: Command; primary: boolean }) {
  const { t } = useI18n();
  return (
    <Tooltip label={<>{t(command.label)} · {command.keys}</>}>
      <Button
        size="xs"
        variant={primary ? "filled" : "default"}
        leftSection={<command.icon size={16} />}
        onClick={command.run}
      >
        {t(command.label)}
      </Button>
    </Tooltip>
  );
}

function Steps({ row }: { row: ConversationSummary }) {
  const { t } = useI18n();
  const me = useMe();
  const commands = useConversationCommands();
  const [transferring, setTransferring] = useState(false);
  const mayTransfer = row.owner === "queued" || (row.owner === "agent" && mayActOn(row, me));
  const narrow = useMediaQuery("(max-width: 900px)", false, { getInitialValueInEffect: false });
  useHotkeys([
    ...commands.map((command): [string, () => void] => [command.keys ?? "", command.run]),
    ["T", () => setTransferring(mayTransfer)],
  ]);
  const shown = narrow ? commands.slice(0, 1) : commands;
  const hidden = narrow ? commands.slice(1) : [];
  return (
    <>
      {shown.map((command) => (
        <Step key={command.id} command={command} primary={command.step === "claim" || command.step === "step_in" || (command.step === "close" && row.agent_id === me.id && !narrow)} />
      ))}
      {(mayTransfer || hidden.length > 0) && (
        <Menu position="bottom-end" withinPortal>
          <Menu.Target>
            <ActionIcon size="lg" aria-label={t("action.menu")}>
              <IconDots size={19} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {hidden.map((command) => (
              <Menu.Item key={command.id} leftSection={<command.icon size={16} />} onClick={command.run}>
                {t(command.label)}
              </Menu.Item>
            ))}
            {mayTransfer && (
              <Menu.Item leftSection={<IconArrowsExchange size={16} />} rightSection={<kbd>T</kbd>} onClick={() => setTransferring(true)}>
                {t("step.transfer")}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      <Transfer row={row} opened={transferring} onClose={() => setTransferring(false)} />
    </>
  );
}

interface Props {
  conversationId: string;
  atSeq: number | null;
  whyOf: string | null;
  onWhy: (messageId: string) => void;
  detailsShown: boolean;
  onDetails: () => void;
}

export function ThreadPane({ conversationId, atSeq, whyOf, onWhy, detailsShown, onDetails }: Props) {
  const { t } = useI18n();
  const { search } = useInboxQuery();
  const detail = useConversation(conversationId);
  const row = useOpenRow() ?? detail.data?.conversation ?? null;
  const name = row?.visitor_name || t("visitor.anonymous");
  useHotkeys([["I", onDetails]]);
  return (
    <section className={css.pane} aria-label={t("thread.title", { name })}>
      <header className={css.head}>
        <ActionIcon component={Link} to={`/inbox${search}`} className={css.back ?? ""} size="lg" aria-label={t("action.back")}>
          <IconArrowLeft size={20} />
        </ActionIcon>
        <Portrait name={name} id={row?.visitor_id ?? conversationId} size={38} />
        <div className={css.who}>
          <h2 className={css.whoName}>{name}</h2>
          <div className={css.whoLine}>
            {row && <Status row={row} />}
          </div>
        </div>
        <div className={css.steps}>
          {row && <Steps row={row} />}
          <Tooltip label={<>{t("details.toggle")} · I</>}>
            <ActionIcon size="lg" aria-label={t("details.toggle")} aria-pressed={detailsShown} onClick={onDetails}>
              {detailsShown ? <IconLayoutSidebarRightFilled size={19} /> : <IconLayoutSidebarRight size={19} />}
            </ActionIcon>
          </Tooltip>
        </div>
      </header>
      {row && <Triage row={row} />}
      <Messages visitorName={name} atSeq={atSeq} whyOf={whyOf} onWhy={onWhy} />
      {row ? <Composer row={row} /> : <Loader size="sm" m="md" aria-label={t("state.loading")} />}
    </section>
  );
}
