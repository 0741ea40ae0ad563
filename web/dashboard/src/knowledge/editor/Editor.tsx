import { Modal } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import { IconArchive } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { useI18n } from "../../i18n";
import { Frame } from "../../shell/Frame";
import { isSupervisor, useMe } from "../../shell/session";
import { Note } from "../Note";
import { StatusChip } from "../StatusChip";
import { type Content, type EntryDetail, type EntryOut, LANGUAGES } from "../types";
import { Answers } from "./Answers";
import { Blocked } from "./Blocked";
import { ConflictDialog } from "./ConflictDialog";
import { withPhrasings } from "./draft";
import css from "./editor.module.css";
import { EntryFiles } from "./EntryFiles";
import { EditorActions } from "./EditorActions";
import { Facts } from "./Facts";
import { History } from "./History";
import { LeaveGuard } from "./LeaveGuard";
import { Phrasings } from "./Phrasings";
import { Preview } from "./Preview";
import { type EntryForm, useEntryForm } from "./useEntryForm";

interface Props {
  entry: EntryDetail | null;
  initial: Content;
  /** Phrasings that another page wants to add. */
  added?: Content["questions"];
  create: (content: Content, publish: boolean) => Promise<EntryOut>;
  onSaved: (entry: EntryOut) => void;
}

function LanguageCards({ form }: { form: EntryForm }) {
  const { t, code, language: mine } = useI18n();
  const { draft, change, problems, tried } = form;
  const mineFirst = [...LANGUAGES].sort((one, other) => Number(other === mine) - Number(one === mine));
  const told = (problem: (typeof problems)[number]) => (tried && problems.includes(problem) ? t(`problem.${problem}`) : null);
  return mineFirst.map((language, index) => (
    <section key={language} className={css.card} aria-label={code("language", language)}>
      <h2 className={css.cardTitle}>{code("language", language)}</h2>
      <h3 className={css.label}>{t("editor.phrasings")}</h3>
      <Phrasings
        language={language}
        phrasings={draft.questions[language]}
        onChange={(phrasings) => change({ questions: { ...draft.questions, [language]: phrasings } })}
        error={index === 0 ? (told("question_missing") ?? told("phrasing_too_long")) : null}
        readOnly={false}
      />
      <h3 className={css.label}>{t("editor.answer")}</h3>
      <Answers
        language={language}
        answers={draft.answers}
        onChange={(answers) => change({ answers })}
        error={index === 0 ? (told("answer_missing") ?? told("channel_twice")) : null}
        readOnly={false}
      />
    </section>
  ));
}

/** An entry's form beside what customers see of it, its facts and its history. */
export function Editor({ entry, initial, added, create, onSaved }: Props) {
  const { t, language } = useI18n();
  const me = useMe();
  const leaving = useRef(false);
  const form = useEntryForm({
    entry,
    initial,
    create,
    onSaved: (out) => {
      leaving.current = true;
      onSaved(out);
      leaving.current = false;
    },
  });
  const { draft, change, content } = form;
  const wanted = useRef(added);
  useEffect(() => {
    const asked = wanted.current;
    wanted.current = undefined;
    if (!asked) return;
    const questions = Object.fromEntries(LANGUAGES.map((one) => [one, withPhrasings(draft.questions[one], asked[one] ?? [])])) as typeof draft.questions;
    change({ questions: { zh: questions.zh.length ? questions.zh : [""], en: questions.en.length ? questions.en : [""] } });
  }, [draft, change]);
  useHotkeys(
    [
      ["mod+S", () => form.save(false)],
      ["mod+Enter", () => isSupervisor(me) && form.save(true)],
    ],
    [],
  );
  const title = content.questions[language]?.[0] ?? content.questions.zh?.[0] ?? content.questions.en?.[0] ?? t("editor.new");
  return (
    <Frame
      title={title}
      back={{ to: "/knowledge", label: t("editor.back") }}
      badge={entry && <StatusChip entry={entry} />}
      actions={<EditorActions entry={entry} form={form} leaving={leaving} />}
    >
      <LeaveGuard dirty={form.dirty} leaving={leaving} />
      <div className={css.editor}>
        <div className={css.form}>
          {entry?.status === "archived" && (
            <Note tone="plain" icon={<IconArchive size={20} />} title={t("editor.archived")}>
              {t("editor.archived_hint")}
            </Note>
          )}
          <LanguageCards form={form} />
          <EntryFiles files={draft.attachments} onChange={(update) => change((before) => ({ attachments: update(before.attachments) }))} />
        </div>
        <aside className={css.aside} aria-label={t("details.title")}>
          <Preview content={content} />
          <Facts draft={draft} onChange={change} validityError={form.problems.includes("validity_order") ? t("problem.validity_order") : null} readOnly={false} />
          {entry && <History entry={entry} dirty={form.dirty} onRestored={(out) => form.take(out)} />}
        </aside>
      </div>
      {form.conflict && <ConflictDialog conflict={form.conflict} mine={content} onSettle={form.settleConflict} />}
      {form.blocked && (
        <Modal opened onClose={form.unblock} title={t("blocked.heading")} size="lg" closeButtonProps={{ "aria-label": t("action.close_panel") }}>
          <Blocked check={form.blocked} />
        </Modal>
      )}
    </Frame>
  );
}
