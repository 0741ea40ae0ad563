import { Modal } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { type Key, useI18n } from "../i18n";
import css from "./shortcuts.module.css";

const GROUPS: readonly { title: Key; keys: readonly (readonly [string, Key])[] }[] = [
  {
    title: "shortcuts.everywhere",
    keys: [
      ["Ctrl K", "nav.palette"],
      ["?", "shortcuts.title"],
      ["/", "hint.search"],
      ["J · K", "hint.walk"],
      ["I", "details.toggle"],
    ],
  },
  {
    title: "shortcuts.conversation",
    keys: [
      ["C", "step.claim"],
      ["B", "step.hand_back"],
      ["Q", "step.release"],
      ["T", "step.transfer"],
      ["E", "step.close"],
      ["O", "step.reopen"],
      ["U", "shortcuts.urgent"],
      ["L", "triage.tags"],
      ["S", "snooze.title"],
      ["H", "shortcuts.hold"],
    ],
  },
  {
    title: "shortcuts.writing",
    keys: [
      ["R", "composer.label"],
      ["N", "note.tab"],
      ["/", "canned.open"],
      ["@", "note.mention"],
      ["Alt 1 · 2 · 3", "suggest.take"],
      ["Enter", "composer.send"],
      ["Shift Enter", "shortcuts.line"],
      ["Esc", "shortcuts.leave"],
    ],
  },
];

/** `?` shows every key there is. */
export function Shortcuts() {
  const { t } = useI18n();
  const [opened, { toggle, close }] = useDisclosure();
  useHotkeys([["shift+?", toggle]]);
  return (
    <Modal opened={opened} onClose={close} title={t("shortcuts.title")} size="lg" closeButtonProps={{ "aria-label": t("action.close_panel") }}>
      <div className={css.groups}>
        {GROUPS.map(({ title, keys }) => (
          <section key={title}>
            <h3>{t(title)}</h3>
            <dl>
              {keys.map(([key, words]) => (
                <div key={key + words}>
                  <dt>{t(words)}</dt>
                  <dd>
                    <kbd>{key}</kbd>
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Modal>
  );
}
