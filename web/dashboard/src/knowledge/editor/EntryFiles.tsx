import { ActionIcon, FileButton, Loader } from "@mantine/core";
import { IconFile, IconPaperclip, IconX } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { isPicture, sizeWords } from "../../../../shared/content";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { wordsOf } from "../../shell/Failure";
import type { EntryFile } from "../types";
import css from "./files.module.css";

/** As many as one message takes. */
const MAX_FILES = 5;

interface Props {
  files: readonly EntryFile[];
  onChange: (change: (files: readonly EntryFile[]) => EntryFile[]) => void;
}

/** What customers get with the answer: pictures and papers, each kept as soon as it is chosen. */
export function EntryFiles({ files, onChange }: Props) {
  const { t } = useI18n();
  const room = MAX_FILES - files.length;
  const keep = useMutation({
    mutationFn: async (chosen: readonly File[]) => {
      for (const file of chosen.slice(0, room)) {
        const kept = await api<EntryFile>("/api/faq/files", { method: "POST", file, query: { name: file.name } });
        onChange((before) => [...before, kept]);
      }
    },
  });
  return (
    <section className={css.card} aria-label={t("editor.files")}>
      <h2>{t("editor.files")}</h2>
      <p className={css.hint}>{t("editor.files_hint", { most: MAX_FILES })}</p>
      {files.length > 0 && (
        <ul className={css.list}>
          {files.map((file) => (
            <li key={file.url}>
              {isPicture(file) ? <img src={file.url} alt="" loading="lazy" /> : <IconFile size={22} aria-hidden />}
              <a href={file.url} download={file.name}>
                <b dir="auto">{file.name}</b>
                <small>{sizeWords(file.size)}</small>
              </a>
              <ActionIcon aria-label={t("files.remove", { name: file.name })} onClick={() => onChange((before) => before.filter((one) => one.url !== file.url))}>
                <IconX size={16} />
              </ActionIcon>
            </li>
          ))}
        </ul>
      )}
      {keep.error && (
        <p className={css.refused} role="alert">
          {wordsOf(keep.error, t)}
        </p>
      )}
      {room > 0 && (
        <FileButton multiple onChange={(chosen) => chosen.length > 0 && keep.mutate(chosen)}>
          {(props) => (
            <button {...props} type="button" className={css.add} disabled={keep.isPending}>
              {keep.isPending ? <Loader size={14} aria-hidden /> : <IconPaperclip size={15} aria-hidden />} {t(keep.isPending ? "editor.keeping_file" : "editor.add_file")}
            </button>
          )}
        </FileButton>
      )}
    </section>
  );
}
