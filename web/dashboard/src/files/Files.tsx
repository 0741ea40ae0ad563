import { Modal } from "@mantine/core";
import { IconDownload, IconFile } from "@tabler/icons-react";
import { useState } from "react";
import { isPicture, sizeWords } from "../../../shared/content";
import type { WireFile, WireQuote } from "../../../shared/events";
import { useI18n } from "../i18n";
import css from "./files.module.css";

/** As it came with a message; an entry's has no text read in it. */
type Shown = Omit<WireFile, "text"> & { text?: string };

/** What came with a message: pictures to look at with their text, other files to save. */
export function Files({ files }: { files: readonly Shown[] }) {
  return (
    <div className={css.files}>
      {files.map((file) => (isPicture(file) ? <Picture key={file.url} file={file} /> : <Paper key={file.url} file={file} />))}
    </div>
  );
}

function Paper({ file }: { file: Shown }) {
  const { t } = useI18n();
  return (
    <a className={css.paper} href={file.url} download={file.name}>
      <IconFile size={20} aria-hidden />
      <span className="lx-sr">{t("files.save")}</span>
      <span>
        <b dir="auto">{file.name}</b>
        <small>{sizeWords(file.size)}</small>
      </span>
      <IconDownload size={16} aria-hidden />
    </a>
  );
}

function Picture({ file }: { file: Shown }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <figure className={css.picture}>
      <button type="button" onClick={() => setOpen(true)} aria-label={t("files.open", { name: file.name })}>
        <img src={file.url} alt="" width={file.width ?? undefined} height={file.height ?? undefined} loading="lazy" />
      </button>
      {file.text && (
        <details>
          <summary>{t("files.read")}</summary>
          <p dir="auto">{file.text}</p>
        </details>
      )}
      <Modal opened={open} onClose={() => setOpen(false)} title={file.name} size="auto" centered closeButtonProps={{ "aria-label": t("action.close_panel") }}>
        <img className={css.large} src={file.url} alt={file.name} />
        <p>
          <a href={file.url} download={file.name}>
            {t("files.save")}
          </a>
        </p>
      </Modal>
    </figure>
  );
}

/** The message that another one answers. */
export function Quoted({ quote }: { quote: WireQuote }) {
  const { t } = useI18n();
  const name = quote.name || t(quote.author === "bot" ? "owner.bot" : "visitor.anonymous");
  return (
    <blockquote className={css.quote} dir="auto">
      <b>{name}</b> {quote.text || t("files.quote_gone")}
    </blockquote>
  );
}
