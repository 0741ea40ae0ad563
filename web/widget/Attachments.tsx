import type { JSX } from "preact";
import { sizeWords } from "../shared/content";
import "./files.css";
import { usePanel } from "./context";
import { Icon } from "./icons";
import { LaterIcon } from "./more-icons";
import type { Uploads } from "./uploads";

/** Above the composer: what will go with the message, each with its progress and a way out. */
export function Attachments({ uploads }: { uploads: Uploads }): JSX.Element | null {
  const { t } = usePanel().speech;
  if (uploads.items.length === 0) return null;
  return (
    <ul class="attachments" aria-label={t("attachments")}>
      {uploads.items.map(({ id, name, size, preview, sent, file, refused, again }) => (
        <li data-refused={refused !== null}>
          {preview ? <img src={preview} alt="" /> : <LaterIcon name="paper" />}
          <span>
            <b dir="auto">{name}</b>
            {refused !== null ? (
              <em role="alert">{refused || t("upload_failed")}</em>
            ) : (
              <small>{file ? sizeWords(size) : `${Math.round(sent * 100)}%`}</small>
            )}
            {!file && refused === null && <progress value={sent} max={1} aria-label={t("uploading", { name })} />}
          </span>
          {refused !== null && again && (
            <button type="button" aria-label={t("upload_again", { name })} title={t("upload_again", { name })} onClick={() => uploads.retry(id)}>
              <LaterIcon name="undo" />
            </button>
          )}
          <button type="button" aria-label={t("remove", { name })} onClick={() => uploads.remove(id)}>
            <Icon name="close" />
          </button>
        </li>
      ))}
    </ul>
  );
}
