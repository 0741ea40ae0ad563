import { ActionIcon, FileButton, Progress, Tooltip } from "@mantine/core";
import { IconFile, IconPaperclip, IconX } from "@tabler/icons-react";
import { sizeWords } from "../../../shared/content";
import type { WireQuote } from "../../../shared/events";
import { useI18n } from "../i18n";
import { Quoted } from "./Files";
import css from "./files.module.css";
import { MAX_FILES, type Upload } from "./uploads";

/** Above the reply: what will go with it, each with its progress and a way out. */
export function Attachments({ items, onRemove }: { items: readonly Upload[]; onRemove: (id: number) => void }) {
  const { t } = useI18n();
  if (items.length === 0) return null;
  return (
    <ul className={css.attachments} aria-label={t("files.attached")}>
      {items.map(({ id, name, size, sent, file, refused }) => (
        <li key={id} data-refused={refused !== null}>
          <IconFile size={18} aria-hidden />
          <span>
            <b dir="auto">{name}</b>
            {refused === null ? <small>{sizeWords(size)}</small> : <small role="alert">{refused || t("files.failed")}</small>}
            {!file && refused === null && <Progress size={3} value={sent * 100} aria-label={t("files.sending", { name })} />}
          </span>
          <ActionIcon size={24} aria-label={t("files.remove", { name })} onClick={() => onRemove(id)}>
            <IconX size={14} />
          </ActionIcon>
        </li>
      ))}
    </ul>
  );
}

export function AttachButton({ disabled, onFiles }: { disabled: boolean; onFiles: (files: File[]) => void }) {
  const { t } = useI18n();
  return (
    <FileButton multiple onChange={onFiles}>
      {(props) => (
        <Tooltip label={disabled ? t("files.full", { count: MAX_FILES }) : t("files.attach")}>
          <ActionIcon {...props} size="lg" aria-label={t("files.attach")} disabled={disabled}>
            <IconPaperclip size={19} />
          </ActionIcon>
        </Tooltip>
      )}
    </FileButton>
  );
}

/** What the reply answers. */
export function Answering({ quote, onDrop }: { quote: WireQuote | null; onDrop: () => void }) {
  const { t } = useI18n();
  if (!quote) return null;
  return (
    <div className={css.answering}>
      <Quoted quote={quote} />
      <ActionIcon size={24} aria-label={t("files.no_quote")} onClick={onDrop}>
        <IconX size={14} />
      </ActionIcon>
    </div>
  );
}
