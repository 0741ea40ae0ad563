import { Button, Checkbox, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { IconLock } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useRef, useState } from "react";
import { flushSync } from "react-dom";
import { type ConversationSummary, MAX_TEXT_CHARS, type WireNote } from "../../../shared/events";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { useDesk } from "../live/context";
import { wordsOf } from "../shell/Failure";
import { useMe } from "../shell/session";
import { type Choice, Choices, onChoiceKey } from "./Choices";
import { drafts } from "./drafts";
import { calledIn, completeMention, mentionQuery } from "./mentions";
import css from "./thread.module.css";
import { useAgents } from "./Transfer";

const SHOWN_AGENTS = 6;

interface Props {
  row: ConversationSummary;
  /** A supervisor who looks on may speak to the agent alone. */
  whispers: boolean;
}

export function NoteBox({ row, whispers }: Props) {
  const { t } = useI18n();
  const me = useMe();
  const desk = useDesk();
  const agents = useAgents();
  const box = useRef<HTMLTextAreaElement>(null);
  const menuId = useId();
  const key = `note.${row.id}`;
  const [text, setText] = useState(() => drafts.get(key));
  const [whisper, setWhisper] = useState(whispers);
  const [query, setQuery] = useState<string | null>(null);
  const [active, setActive] = useState(0);
  const change = (next: string, caret = next.length) => {
    setText(next);
    drafts.set(key, next);
    setActive(0);
    setQuery(mentionQuery(next.slice(0, caret)));
  };
  const save = useMutation({
    mutationFn: (note: string) =>
      api<WireNote>(`/api/conversations/${row.id}/notes`, {
        body: whispers && whisper ? { text: note, whisper: true } : { text: note, mentions: calledIn(note, agents.data ?? []) },
      }),
    onSuccess: (note) => {
      desk.note(note);
      change("");
    },
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
  const tooLong = [...text].length > MAX_TEXT_CHARS;
  const ready = text.trim() !== "" && !tooLong && !save.isPending;
  const choices: Choice[] =
    query === null
      ? []
      : (agents.data ?? [])
          .filter(({ id, name }) => id !== me.id && name.toLowerCase().includes(query.toLowerCase()))
          .slice(0, SHOWN_AGENTS)
          .map(({ id, name }) => ({
            key: id,
            content: <strong>@{name}</strong>,
            pick: () => {
              const caret = box.current?.selectionStart ?? text.length;
              const done = completeMention(text.slice(0, caret), name);
              // At once: whoever types on must not type before the name.
              flushSync(() => change(done + text.slice(caret), 0));
              box.current?.setSelectionRange(done.length, done.length);
            },
          }));
  const open = choices.length > 0;
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    if (open && onChoiceKey(event, choices, active, setActive, () => setQuery(null))) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (ready) save.mutate(text.trim());
    } else if (event.key === "Escape") box.current?.blur();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) save.mutate(text.trim());
      }}
    >
      {open && <Choices id={menuId} label={t("note.mention")} choices={choices} active={active} none="" />}
      <Textarea
        ref={box}
        autosize
        autoFocus
        minRows={2}
        maxRows={9}
        value={text}
        variant="unstyled"
        classNames={{ input: css.input ?? "" }}
        onChange={(event) => change(event.currentTarget.value, event.currentTarget.selectionStart)}
        onKeyDown={onKeyDown}
        placeholder={t("note.placeholder")}
        aria-label={t("note.tab")}
        aria-autocomplete="list"
        aria-controls={open ? menuId : undefined}
        aria-activedescendant={open ? `${menuId}-${active}` : undefined}
      />
      <div className={css.composerFoot}>
        {whispers && (
          <Checkbox size="xs" checked={whisper} onChange={(event) => setWhisper(event.currentTarget.checked)} label={t("note.whisper_to", { name: row.agent_name ?? "" })} />
        )}
        <span className={css.keysHint}>{t("note.hint")}</span>
        {tooLong && (
          <span className={css.tooLong} role="alert">
            {t("composer.too_long", { limit: MAX_TEXT_CHARS })}
          </span>
        )}
        <Button type="submit" disabled={!ready} loading={save.isPending} leftSection={<IconLock size={15} />}>
          {t("note.add")}
        </Button>
      </div>
    </form>
  );
}
