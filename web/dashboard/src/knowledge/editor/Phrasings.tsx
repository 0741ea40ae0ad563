import { ActionIcon, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { type ClipboardEvent, type KeyboardEvent, useRef } from "react";
import type { Language } from "../../../../shared/events";
import { useI18n } from "../../i18n";
import css from "./editor.module.css";

interface Props {
  language: Language;
  phrasings: readonly string[];
  onChange: (phrasings: string[]) => void;
  error: string | null;
  readOnly: boolean;
}

/** Ways to ask, one a line: Enter starts the next, Backspace in an empty one removes it, pasted lines become several. */
export function Phrasings({ language, phrasings, onChange, error, readOnly }: Props) {
  const { t } = useI18n();
  const list = useRef<HTMLDivElement>(null);
  const focus = (index: number) =>
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLInputElement>("input")[Math.max(0, index)]?.focus());
  const set = (index: number, text: string) => onChange(phrasings.map((one, at) => (at === index ? text : one)));
  const insert = (index: number, texts: string[]) => {
    onChange([...phrasings.slice(0, index), ...texts, ...phrasings.slice(index)]);
    focus(index + texts.length - 1);
  };
  const remove = (index: number) => {
    onChange(phrasings.length > 1 ? phrasings.filter((_, at) => at !== index) : [""]);
    focus(index - 1);
  };
  const press = (event: KeyboardEvent<HTMLInputElement>, index: number) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      insert(index + 1, [""]);
    }
    if (event.key === "Backspace" && event.currentTarget.value === "" && phrasings.length > 1) {
      event.preventDefault();
      remove(index);
    }
  };
  const paste = (event: ClipboardEvent<HTMLInputElement>, index: number) => {
    const lines = event.clipboardData.getData("text").split(/\r?\n/).map((line) => line.trim()).filter(Boolean);
    if (lines.length < 2) return;
    event.preventDefault();
    const kept = phrasings[index]?.trim() ? [phrasings[index] as string] : [];
    onChange([...phrasings.slice(0, index), ...kept, ...lines, ...phrasings.slice(index + 1)]);
    focus(index + kept.length + lines.length - 1);
  };
  return (
    <div ref={list} className={css.phrasings} role="group" aria-label={t("editor.phrasings")}>
      {phrasings.map((text, index) => (
        <TextInput
          key={index}
          value={text}
          onChange={(event) => set(index, event.currentTarget.value)}
          onKeyDown={(event) => press(event, index)}
          onPaste={(event) => paste(event, index)}
          aria-label={t(index === 0 ? "editor.title_of" : "editor.phrasing_of", { number: index + 1 })}
          placeholder={t(index === 0 ? `editor.title_hint_${language}` : "editor.phrasing_hint")}
          classNames={{ input: index === 0 ? (css.first ?? "") : "" }}
          error={index === 0 ? error : null}
          readOnly={readOnly}
          lang={language === "zh" ? "zh-CN" : "en"}
          rightSection={
            !readOnly && (phrasings.length > 1 || text !== "") ? (
              <ActionIcon size="sm" onClick={() => remove(index)} aria-label={t("editor.remove_phrasing", { number: index + 1 })} tabIndex={-1}>
                <IconX size={14} />
              </ActionIcon>
            ) : null
          }
        />
      ))}
      {!readOnly && (
        <button type="button" className={css.add} onClick={() => insert(phrasings.length, [""])}>
          <IconPlus size={15} aria-hidden /> {t("editor.add_phrasing")}
        </button>
      )}
    </div>
  );
}
