import { ActionIcon, Button, Group, Modal, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { api } from "../api/client";
import type { Canned } from "../api/types";
import { useI18n } from "../i18n";
import { useConfirm } from "../shell/confirm";
import { wordsOf } from "../shell/Failure";
import { VARIABLES } from "./canned";
import css from "./canned.module.css";
import { useCanned } from "./useCanned";

type Draft = Omit<Canned, "id"> & { id: string | null };
const EMPTY: Draft = { id: null, shortcut: "", title: "", text: "" };

function Form({ draft, onDone }: { draft: Draft; onDone: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [form, setForm] = useState(draft);
  const shortcut = form.shortcut.trim().replace(/^\/+/, "");
  const save = useMutation({
    mutationFn: () =>
      api(form.id ? `/api/canned/${form.id}` : "/api/canned", {
        method: form.id ? "PUT" : "POST",
        body: { shortcut, title: form.title.trim(), text: form.text.trim() },
      }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["canned"] });
      onDone();
    },
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
  const bad = /\s/.test(shortcut);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <Stack gap="sm">
        <Group grow align="flex-start">
          <TextInput
            label={t("canned.shortcut")}
            value={form.shortcut}
            maxLength={50}
            leftSection="/"
            error={bad && t("canned.no_spaces")}
            onChange={(event) => setForm({ ...form, shortcut: event.currentTarget.value })}
            data-autofocus
          />
          <TextInput label={t("canned.name")} value={form.title} maxLength={200} onChange={(event) => setForm({ ...form, title: event.currentTarget.value })} />
        </Group>
        <Textarea
          label={t("canned.text")}
          description={t("canned.variables", { names: VARIABLES.map((name) => `{{${name}}}`).join(" ") })}
          autosize
          minRows={3}
          maxRows={12}
          maxLength={4000}
          value={form.text}
          onChange={(event) => setForm({ ...form, text: event.currentTarget.value })}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t("action.cancel")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!shortcut || bad || !form.text.trim()}>
            {t("action.save")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Every agent's canned replies, added and changed where they are used. */
export function CannedManager({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const confirm = useConfirm();
  const canned = useCanned();
  const [draft, setDraft] = useState<Draft | null>(null);
  const remove = useMutation({
    mutationFn: (id: string) => api(`/api/canned/${id}`, { method: "DELETE" }),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["canned"] }),
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
  const rows = canned.data ?? [];
  return (
    <Modal opened={opened} onClose={onClose} title={t("canned.manage")} size="lg" closeButtonProps={{ "aria-label": t("action.close_panel") }}>
      {draft ? (
        <Form key={draft.id ?? "new"} draft={draft} onDone={() => setDraft(null)} />
      ) : (
        <Stack gap="sm">
          {rows.length === 0 && <Text c="dimmed">{t("canned.empty")}</Text>}
          <ul className={css.list}>
            {rows.map((row) => (
              <li key={row.id} className={css.row}>
                <div>
                  <code>/{row.shortcut}</code> <strong>{row.title}</strong>
                  <p>{row.text}</p>
                </div>
                <ActionIcon aria-label={t("canned.edit_this", { name: row.shortcut })} onClick={() => setDraft(row)}>
                  <IconPencil size={16} />
                </ActionIcon>
                <ActionIcon color="red" aria-label={t("canned.delete_this", { name: row.shortcut })} onClick={() => confirm({ title: t("confirm.delete", { name: `/${row.shortcut}` }), hint: t("confirm.canned") }, () => remove.mutate(row.id))}>
                  <IconTrash size={16} />
                </ActionIcon>
              </li>
            ))}
          </ul>
          <Group justify="flex-end">
            <Button leftSection={<IconPlus size={16} />} onClick={() => setDraft(EMPTY)}>
              {t("action.add")}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
