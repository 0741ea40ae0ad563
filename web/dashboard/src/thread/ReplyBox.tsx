import { ActionIcon, Button, Textarea, Tooltip } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconBolt, IconSend2, IconSettings } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { type ConversationSummary, MAX_TEXT_CHARS } from "../../../shared/events";
import { Answering, AttachButton, Attachments } from "../files/Attachments";
import { useUploads } from "../files/useUploads";
import { useI18n } from "../i18n";
import { useDesk, useDeskState } from "../live/context";
import { useMe } from "../shell/session";
import { cannedQuery, fillCanned, matchCanned, orderIn, unfilled } from "./canned";
import cannedCss from "./canned.module.css";
import { CannedManager } from "./CannedManager";
import { type Choice, Choices, onChoiceKey } from "./Choices";
import { drafts } from "./drafts";
import { type Suggestion, SuggestionBar } from "./SuggestionBar";
import css from "./thread.module.css";
import { useCanned } from "./useCanned";
import { useConversation } from "./useConversation";
import { useTypingSignal } from "./useTypingSignal";
import { WordingTools } from "./WordingTools";

/** The place of what the customer said last. */
function useLastAsked(): number {
  return useDeskState((state) => state.thread?.messages.findLast(({ author }) => author.type === "visitor")?.seq ?? 0);
}

export function ReplyBox({ row }: { row: ConversationSummary }) {
  const { t } = useI18n();
  const me = useMe();
  const desk = useDesk();
  const uploads = useUploads(row.id);
  const quoting = useDeskState((state) => state.thread?.quoting ?? null);
  const box = useRef<HTMLTextAreaElement>(null);
  const menuId = useId();
  const [text, setText] = useState(() => drafts.get(row.id));
  const [active, setActive] = useState(0);
  const [dismissed, setDismissed] = useState(false);
  const [managing, setManaging] = useState(false);
  const typing = useTypingSignal();
  const canned = useCanned();
  const detail = useConversation(row.id).data;
  const asked = useLastAsked();
  const query = dismissed ? null : cannedQuery(text);
  const open = query !== null;
  const tooLong = [...text].length > MAX_TEXT_CHARS;
  const missing = unfilled(text);
  useHotkeys([["R", () => box.current?.focus()]]);
  useEffect(() => {
    if (quoting) box.current?.focus();
  }, [quoting]);

  const change = (next: string) => {
    setText(next);
    drafts.set(row.id, next);
    setActive(0);
    if (!next.startsWith("/")) setDismissed(false);
    if (next && cannedQuery(next) === null) typing.typed();
    else typing.stopped();
  };
  const insert = (words: string) => {
    change(words);
    box.current?.focus();
  };
  const suggested = ({ answer, files }: Suggestion) => {
    insert(answer);
    uploads.place(files);
  };
  const values = {
    name: row.visitor_name,
    agent: me.name,
    email: detail?.visitor.email ?? "",
    order: orderIn(detail?.handoff?.slots),
  };
  const choices: Choice[] =
    query === null
      ? []
      : matchCanned(canned.data ?? [], query).map((one) => ({
          key: one.id,
          content: (
            <>
              <code>/{one.shortcut}</code> <strong>{one.title}</strong>
              <span>{fillCanned(one.text, values)}</span>
            </>
          ),
          pick: () => insert(fillCanned(one.text, values)),
        }));
  const ready = (text.trim() !== "" || uploads.ready.length > 0) && !uploads.busy && !tooLong && missing === null;
  const send = () => {
    if (!ready) return;
    desk.say(text.trim(), uploads.ready);
    uploads.clear();
    insert("");
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes, Enter picks a candidate (229 in browsers that tell it late).
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (open && onChoiceKey(event, choices, active, setActive, () => setDismissed(true))) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape") box.current?.blur();
  };
  return (
    <>
      <form
        onDragOver={(event) => event.preventDefault()}
        onDrop={(event) => {
          event.preventDefault();
          uploads.add([...event.dataTransfer.files]);
        }}
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        {open && (
          <Choices
            id={menuId}
            label={t("canned.title")}
            choices={choices}
            active={active}
            none={t("canned.none")}
            footer={
              <button type="button" className={cannedCss.manage} onClick={() => setManaging(true)}>
                <IconSettings size={15} aria-hidden /> {t("canned.manage")}
              </button>
            }
          />
        )}
        {row.awaiting_since !== null && asked > 0 && text === "" && (
          <SuggestionBar conversationId={row.id} seq={asked} onPick={suggested} />
        )}
        <Answering quote={quoting} onDrop={() => desk.quote(null)} />
        <Attachments items={uploads.items} onRemove={uploads.remove} />
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
          onPaste={({ clipboardData }) => {
            // A cell of a table comes as a picture too: its text is what was meant.
            if (!clipboardData.getData("text")) uploads.add([...clipboardData.files]);
          }}
          placeholder={t("composer.placeholder")}
          aria-label={t("composer.label")}
          aria-autocomplete="list"
          aria-controls={open ? menuId : undefined}
          aria-activedescendant={open && choices.length > 0 ? `${menuId}-${active}` : undefined}
          autoFocus
        />
        <div className={css.composerFoot}>
          <Tooltip label={t("canned.open")}>
            <ActionIcon aria-label={t("canned.open")} size="lg" onClick={() => insert("/")}>
              <IconBolt size={19} />
            </ActionIcon>
          </Tooltip>
          <AttachButton disabled={uploads.full} onFiles={uploads.add} />
          <WordingTools text={text} to={row.language} onWords={insert} />
          <span className={css.keysHint}>{t("composer.hint")}</span>
          {tooLong && (
            <span className={css.tooLong} role="alert">
              {t("composer.too_long", { limit: MAX_TEXT_CHARS })}
            </span>
          )}
          {missing && (
            <span className={css.tooLong} role="alert">
              {t("canned.unfilled", { name: missing })}
            </span>
          )}
          <Button type="submit" disabled={!ready} rightSection={<IconSend2 size={17} />}>
            {t("composer.send")}
          </Button>
        </div>
      </form>
      <CannedManager opened={managing} onClose={() => setManaging(false)} />
    </>
  );
}
