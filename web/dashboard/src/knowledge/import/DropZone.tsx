import { IconCloudUpload } from "@tabler/icons-react";
import { type DragEvent, useRef, useState } from "react";
import { useI18n } from "../../i18n";
import css from "./import.module.css";
import { READ } from "./types";

/** A file is dropped, chosen or pasted here. */
export function DropZone({ onFile }: { onFile: (file: File) => void }) {
  const { t } = useI18n();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const file = event.dataTransfer.files[0];
    if (file) onFile(file);
  };
  return (
    <div
      className={css.drop}
      data-over={over}
      onDragOver={(event) => (event.preventDefault(), setOver(true))}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      onPaste={(event) => event.clipboardData.files[0] && onFile(event.clipboardData.files[0])}
    >
      <button type="button" onClick={() => input.current?.click()}>
        <IconCloudUpload size={38} stroke={1.4} aria-hidden />
        <strong>{t("import.drop")}</strong>
        <span>{t("import.formats")}</span>
      </button>
      <input
        ref={input}
        type="file"
        accept={READ}
        hidden
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) onFile(file);
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}
