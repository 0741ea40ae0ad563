import { ActionIcon, Menu, Textarea } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { IconDots, IconEar, IconLock, IconPencil, IconTrash } from "@tabler/icons-react";
import { memo, useState } from "react";
import type { WireNote } from "../../../shared/events";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { clock, fullTime } from "../i18n/time";
import { useDesk } from "../live/context";
import { useConfirm } from "../shell/confirm";
import { wordsOf } from "../shell/Failure";
import { useMe } from "../shell/session";
import { splitMentions } from "./mentions";
import css from "./note.module.css";
import { useAgents } from "./Transfer";

function Edit({ note, onDone }: { note: WireNote; onDone: () => void }) {
  const { t } = useI18n();
  const desk = useDesk();
  const [text, setText] = useState(note.text);
  const save = useMutation({
    mutationFn: () => api<WireNote>(`/api/notes/${note.id}`, { method: "PUT", body: { text: text.trim() } }),
    onSuccess: (saved) => {
      desk.note(saved);
      onDone();
    },
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
  return (
    <Textarea
      autosize
      autoFocus
      value={text}
      aria-label={t("note.edit")}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing || event.keyCode === 229) return;
        if (event.key === "Escape") onDone();
        if (event.key === "Enter" && !event.shiftKey && text.trim()) {
          event.preventDefault();
          save.mutate();
        }
      }}
    />
  );
}

/** What agents tell each other; looks like nothing a customer gets. */
export const NoteBubble = memo(function NoteBubble({ note }: { note: WireNote }) {
  const { t, locale } = useI18n();
  const me = useMe();
  const desk = useDesk();
  const confirm = useConfirm();
  const agents = useAgents(note.mentions.length > 0);
  const [editing, setEditing] = useState(false);
  const remove = useMutation({
    mutationFn: () => api(`/api/notes/${note.id}`, { method: "DELETE" }),
    onSuccess: () => desk.noteDeleted(note.conversation_id, note.id),
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
  const names = (agents.data ?? []).filter(({ id }) => note.mentions.includes(id)).map(({ name }) => name);
  const mine = note.author_id === me.id;
  return (
    <article className={css.note} data-kind={note.kind} aria-label={t(`note.by_${note.kind}`, { name: note.author_name })}>
      <header className={css.head}>
        {note.kind === "whisper" ? <IconEar size={13} aria-hidden /> : <IconLock size={13} aria-hidden />}
        <strong>{mine ? t("author.you") : note.author_name}</strong>
        <span>{t(note.kind === "whisper" ? "note.whisper" : "note.private")}</span>
        <time dateTime={note.created_at} title={fullTime(note.created_at, locale)}>
          {clock(note.created_at, locale)}
        </time>
        {note.edited_at && <span>{t("note.edited")}</span>}
        {mine && (
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <ActionIcon size={24} ml="auto" aria-label={t("note.menu")}>
                <IconDots size={15} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconPencil size={15} />} onClick={() => setEditing(true)}>
                {t("action.edit")}
              </Menu.Item>
              <Menu.Item leftSection={<IconTrash size={15} />} color="red" onClick={() => confirm({ title: t("confirm.note"), hint: t("confirm.note_hint") }, () => remove.mutate())}>
                {t("action.delete")}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </header>
      {editing ? (
        <Edit note={note} onDone={() => setEditing(false)} />
      ) : (
        <p className={css.text}>
          {splitMentions(note.text, names).map((piece, index) =>
            piece.mention ? (
              <b key={index} data-me={piece.mention === me.name}>
                {piece.text}
              </b>
            ) : (
              <span key={index}>{piece.text}</span>
            ),
          )}
        </p>
      )}
    </article>
  );
});
