import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { isPicture, sizeWords } from "../shared/content";
import type { WireFile } from "../shared/events";
import "./files.css";
import { usePanel } from "./context";
import { LaterIcon } from "./more-icons";

/** What came with a message: pictures to look at, other files to save. */
export function Files({ files }: { files: readonly WireFile[] }): JSX.Element {
  return (
    <div class="files">
      {files.map((file) => (isPicture(file) ? <Shown key={file.url} file={file} /> : <Saved key={file.url} file={file} />))}
    </div>
  );
}

function Saved({ file }: { file: WireFile }): JSX.Element {
  return (
    <a class="paper" href={file.url} download={file.name} referrerpolicy="no-referrer">
      <LaterIcon name="paper" />
      <span>
        <b dir="auto">{file.name}</b>
        <small>{sizeWords(file.size)}</small>
      </span>
      <LaterIcon name="file" />
    </a>
  );
}

function Shown({ file }: { file: WireFile }): JSX.Element {
  const { t } = usePanel().speech;
  const large = useRef<HTMLDialogElement>(null);
  const close = (): void => large.current?.close();
  return (
    <>
      <button type="button" class="shown" aria-label={t("enlarge", { name: file.name })} onClick={() => large.current?.showModal()}>
        <img src={file.url} alt="" width={file.width ?? undefined} height={file.height ?? undefined} loading="lazy" />
      </button>
      <dialog
        ref={large}
        class="large"
        aria-label={file.name}
        onClick={close}
        onKeyDown={(event) => event.key === "Escape" && event.stopPropagation()}
      >
        <img src={file.url} alt={file.name} loading="lazy" />
        <p>
          <a href={file.url} download={file.name}>
            {t("save")}
          </a>
          <button type="button" onClick={close}>
            {t("close_picture")}
          </button>
        </p>
      </dialog>
    </>
  );
}
