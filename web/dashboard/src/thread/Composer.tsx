import { ActionIcon, Button, Textarea, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { IconBolt, IconSend2 } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { type ConversationSummary, MAX_TEXT_CHARS } from "../../../shared/events";
import { api } from "../api/client";
import type { Canned } from "../api/types";
import { useI18n } from "../i18n";
import { useDesk } from "../live/context";
import { useMe } from "../shell/session";
import { useStep } from "../inbox/commands";
import { cannedQuery, fillCanned, matchCanned } from "./canned";
import { drafts } from "./drafts";
import css from "./thread.module.css";

/** Told again while typing goes on, and taken back after this pause. */
const TYPING_EVERY_MS = 3_000;
const TYPING_PAUSE_MS = 4_000;

function useTypingSignal(): { typed: () => void; stopped: () => void } {
  const desk = useDesk();
  const told = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const stopped = () => {
    if (timer.current !== null) clearTimeout(timer.current);
    if (told.current > 0) desk.typing(false);
    told.current = 0;
  };
  const typed = () => {
    const now = Date.now();
    if (now - told.current > TYPING_EVERY_MS) {
      told.current = now;
      desk.typing(true);
    }
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = setTimeout(stopped, TYPING_PAUSE_MS);
  };
  const stop = useRef(stopped);
  stop.current = stopped;
  useEffect(() => () => stop.current(), []);
  return { typed, stopped };
}

export function useCanned() {
  return useQuery({
    queryKey: ["canned"],
    queryFn: () => api<{ items: Canned[] } | Canned[]>("/api/canned").then((body) => (Array.isArray(body) ? body : body.items)),
    staleTime: 60_000,
  });
}

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
    <div className={css.locked}>
      <span>{words}</span>
      {!taken && (
        <Button loading={step.isPending} onClick={() => step.mutate({ id: row.id, step: take })}>
          {t(take === "claim" ? "composer.claim" : "step.reopen")}
        </Button>
      )}
    </div>
  );
}

interface MenuProps {
  id: string;
  options: readonly Canned[];
  active: number;
  onPick: (canned: Canned) => void;
}

function CannedMenu({ id, options, active, onPick }: MenuProps) {
  const { t } = useI18n();
  return (
    <div className={css.canned} role="listbox" id={id} aria-label={t("canned.title")}>
      {options.map((canned, index) => (
        <div
          key={canned.id}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          className={css.cannedOption}
          onMouseDown={(event) => {
            event.preventDefault();
            onPick(canned);
          }}
        >
          <code>/{canned.shortcut}</code> <strong>{canned.title}</strong>
          <span>{canned.text}</span>
        </div>
      ))}
      {options.length === 0 && <div className={css.cannedNone}>{t("canned.none")}</div>}
    </div>
  );
}

export function Composer({ row }: { row: ConversationSummary }) {
  const me = useMe();
  return row.owner === "agent" && row.agent_id === me.id ? <ReplyBox key={row.id} row={row} /> : <Locked row={row} />;
}

function ReplyBox({ row }: { row: ConversationSummary }) {
  const { t } = useI18n();
  const me = useMe();
  const desk = useDesk();
  const box = useRef<HTMLTextAreaElement>(null);
  const menuId = useId();
  const [text, setText] = useState(() => drafts.get(row.id));
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState(false);
  const typing = useTypingSignal();
  const canned = useCanned();
  const query = dismissed ? null : cannedQuery(text);
  const options = query === null ? [] : matchCanned(canned.data ?? [], query);
  const open = query !== null;
  const tooLong = [...text].length > MAX_TEXT_CHARS;
  useHotkeys([["R", () => box.current?.focus()]]);

  const change = (next: string) => {
    setText(next);
    drafts.set(row.id, next);
    setActive(0);
    if (!next.startsWith("/")) setDismissed(false);
    if (next && cannedQuery(next) === null) typing.typed();
    else typing.stopped();
  };
  const pick = (chosen: Canned) => {
    change(fillCanned(chosen.text, { name: row.visitor_name, agent: me.name }));
    box.current?.focus();
  };
  const send = () => {
    if (!text.trim() || tooLong) return;
    desk.say(text.trim());
    change("");
    box.current?.focus();
  };
  const onMenuKey = (event: KeyboardEvent): boolean => {
    const chosen = options[active];
    if (event.key === "Escape") setDismissed(true);
    else if (event.key === "ArrowDown") setActive((active + 1) % Math.max(1, options.length));
    else if (event.key === "ArrowUp") setActive((active - 1 + options.length) % Math.max(1, options.length));
    else if ((event.key === "Enter" || event.key === "Tab") && chosen) pick(chosen);
    else return false;
    return true;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes, Enter picks a candidate (229 in browsers that tell it late).
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (open && onMenuKey(event)) {
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") box.current?.blur();
  };
  return (
    <form
      className={css.composer}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {open && <CannedMenu id={menuId} options={options} active={active} onPick={pick} />}
      <Textarea
        ref={box}
        autosize
        minRows={2}
        maxRows={9}
        value={text}
        variant="unstyled"
        classNames={{ input: css.input ?? "" }}
        onChange={(event) => change(event.currentTarget.value)}
        onKeyDown={onKeyDown}
        onBlur={typing.stopped}
        placeholder={t("composer.placeholder")}
        aria-label={t("composer.label")}
        aria-autocomplete="list"
        aria-controls={open ? menuId : undefined}
        aria-activedescendant={open && options.length > 0 ? `${menuId}-${active}` : undefined}
        autoFocus
      />
      <div className={css.composerFoot}>
        <Tooltip label={t("canned.open")}>
          <ActionIcon aria-label={t("canned.open")} size="lg" onClick={() => { change("/"); box.current?.focus(); }}>
            <IconBolt size={19} />
          </ActionIcon>
        </Tooltip>
        <span className={css.keysHint}>{t("composer.hint")}</span>
        {tooLong && (
          <span className={css.tooLong} role="alert">
            {t("composer.too_long", { limit: MAX_TEXT_CHARS })}
          </span>
        )}
        <Button type="submit" disabled={!text.trim() || tooLong} rightSection={<IconSend2 size={17} />}>
          {t("composer.send")}
        </Button>
      </div>
    </form>
  );
}
