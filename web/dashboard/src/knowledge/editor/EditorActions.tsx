import { ActionIcon, Button, Menu, Modal, Tooltip } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconArchive, IconDots, IconTargetArrow } from "@tabler/icons-react";
import { type RefObject, useState } from "react";
import { useNavigate } from "react-router";
import { ApiError, api } from "../../api/client";
import { useI18n } from "../../i18n";
import { wordsOf } from "../../shell/Failure";
import { isSupervisor, useMe } from "../../shell/session";
import type { CheckAnswer } from "../regression/types";
import type { EntryDetail } from "../types";
import { Blocked } from "./Blocked";
import css from "./editor.module.css";
import type { EntryForm } from "./useEntryForm";

interface Props {
  entry: EntryDetail | null;
  form: EntryForm;
  leaving: RefObject<boolean>;
}

function Archive({ entry, leaving, onClose }: { entry: EntryDetail; leaving: RefObject<boolean>; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [blocked, setBlocked] = useState<CheckAnswer | null>(null);
  const archive = useMutation({
    mutationFn: () => api(`/api/faq/${encodeURIComponent(entry.id)}`, { method: "DELETE" }),
    onSuccess: () => {
      notifications.show({ color: "green", message: t("archive.done") });
      leaving.current = true;
      void navigate("/knowledge");
      void queries.invalidateQueries({ queryKey: ["faq"] });
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === "check_failed") setBlocked(error.fields["check"] as CheckAnswer);
      else notifications.show({ color: "red", message: wordsOf(error, t) });
    },
  });
  return (
    <Modal opened onClose={onClose} title={t("archive.title")} size={blocked ? "lg" : "md"} closeButtonProps={{ "aria-label": t("action.close_panel") }}>
      {blocked ? <Blocked check={blocked} /> : <p className={css.quiet}>{t("archive.hint")}</p>}
      {!blocked && (
        <div className={css.dialogActions}>
          <Button variant="default" onClick={onClose}>
            {t("action.cancel")}
          </Button>
          <Button color="red.9" loading={archive.isPending} onClick={() => archive.mutate()}>
            {t("archive.do")}
          </Button>
        </div>
      )}
    </Modal>
  );
}

/** Save, publish, and what is done seldom. */
export function EditorActions({ entry, form, leaving }: Props) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const supervisor = isSupervisor(useMe());
  const [archiving, setArchiving] = useState(false);
  const published = entry?.status === "published" && !form.dirty;
  const question = form.content.questions.zh?.[0] ?? form.content.questions.en?.[0];
  return (
    <>
      {form.dirty && <span className={css.unsaved}>{t("editor.unsaved")}</span>}
      <Tooltip label="Ctrl S">
        <Button variant="default" size="sm" disabled={!form.dirty} loading={form.saving} onClick={() => form.save(false)}>
          {t("editor.save_draft")}
        </Button>
      </Tooltip>
      <Tooltip label={supervisor ? "Ctrl Enter" : t("editor.supervisors_publish")}>
        <Button size="sm" disabled={!supervisor || published} loading={form.saving} onClick={() => form.save(true)}>
          {t("editor.publish")}
        </Button>
      </Tooltip>
      {entry && (
        <Menu position="bottom-end" width={220} shadow="md">
          <Menu.Target>
            <ActionIcon size="lg" aria-label={t("action.menu")}>
              <IconDots size={18} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconTargetArrow size={16} />} disabled={!question} onClick={() => void navigate(`/knowledge/test?q=${encodeURIComponent(question ?? "")}`)}>
              {t("editor.try")}
            </Menu.Item>
            {entry.status !== "archived" && (
              <Menu.Item color="red" leftSection={<IconArchive size={16} />} disabled={!supervisor} onClick={() => setArchiving(true)}>
                {t("archive.do")}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
      {archiving && entry && <Archive entry={entry} leaving={leaving} onClose={() => setArchiving(false)} />}
    </>
  );
}
