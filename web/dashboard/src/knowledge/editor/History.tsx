import { Button, Modal } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, api } from "../../api/client";
import { useI18n } from "../../i18n";
import { ago, fullTime } from "../../i18n/time";
import { wordsOf } from "../../shell/Failure";
import { useNow } from "../../shell/now";
import { isSupervisor, useMe } from "../../shell/session";
import type { CheckAnswer } from "../regression/types";
import chips from "../chips.module.css";
import type { EntryDetail, EntryOut, Version } from "../types";
import { Blocked } from "./Blocked";
import { Differences } from "./Differences";
import css from "./editor.module.css";

const SHOWN = 6;

interface Props {
  entry: EntryDetail;
  dirty: boolean;
  onRestored: (entry: EntryOut) => void;
}

function useRestore(entry: EntryDetail, onRestored: (entry: EntryOut) => void, onBlocked: (check: CheckAnswer) => void) {
  const { t } = useI18n();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: { number: number; publish: boolean }) => api<EntryOut>(`/api/faq/${encodeURIComponent(entry.id)}/revert`, { body }),
    onSuccess: (out) => {
      void queries.invalidateQueries({ queryKey: ["faq"] });
      notifications.show({ color: "green", message: t("history.restored") });
      onRestored(out);
    },
    onError: (error) => {
      if (error instanceof ApiError && error.code === "check_failed") onBlocked(error.fields["check"] as CheckAnswer);
      else notifications.show({ color: "red", message: wordsOf(error, t) });
    },
  });
}

function Restore({ entry, version, dirty, onClose, onRestored }: Props & { version: Version; onClose: () => void }) {
  const { t, locale } = useI18n();
  const me = useMe();
  const [blocked, setBlocked] = useState<CheckAnswer | null>(null);
  const restore = useRestore(entry, (out) => (onClose(), onRestored(out)), setBlocked);
  const newest = version.number === entry.version;
  const before = entry.history.find(({ number }) => number === version.number - 1);
  return (
    <Modal opened onClose={onClose} title={t("history.version", { number: version.number })} size="lg" closeButtonProps={{ "aria-label": t("action.close_panel") }}>
      <p className={css.quiet}>
        {t(`version_action.${version.action}`, { name: version.author })} · {fullTime(version.at, locale)}
      </p>
      {blocked ? (
        <Blocked check={blocked} />
      ) : (
        <>
          <h3 className={css.smallHead}>{t(newest ? "history.changed_here" : "history.against_newest")}</h3>
          {newest ? (
            <Differences before={before?.content ?? { ...version.content, questions: {}, answers: [], category: "", keywords: [], valid_from: null, valid_until: null }} after={version.content} />
          ) : (
            <Differences before={entry.content} after={version.content} />
          )}
        </>
      )}
      {!newest && !blocked && (
        <div className={css.dialogActions}>
          {dirty && <span className={css.warning}>{t("history.unsaved_lost")}</span>}
          <Button variant="default" loading={restore.isPending} onClick={() => restore.mutate({ number: version.number, publish: false })}>
            {t("history.restore_draft")}
          </Button>
          {isSupervisor(me) && (
            <Button loading={restore.isPending} onClick={() => restore.mutate({ number: version.number, publish: true })}>
              {t("history.restore_publish")}
            </Button>
          )}
        </div>
      )}
    </Modal>
  );
}

/** Who wrote which version when; each can be looked at and made the newest again. */
export function History(props: Props) {
  const { t, locale, code } = useI18n();
  const now = useNow(30_000);
  const [open, setOpen] = useState<Version | null>(null);
  const [all, setAll] = useState(false);
  const { history } = props.entry;
  return (
    <section className={css.side} aria-label={t("history.title")}>
      <div className={css.sideHead}>
        <h2>{t("history.title")}</h2>
      </div>
      <ol className={css.versions}>
        {(all ? history : history.slice(0, SHOWN)).map((version) => (
          <li key={version.number} data-live={version.live}>
            <button type="button" onClick={() => setOpen(version)}>
              <span className={css.versionLine}>
                <strong>{t(`version_action.${version.action}`, { name: code("author_name", version.author) })}</strong>
                {version.live && (
                  <span className={chips.chip} data-tone="good">
                    {t("history.live")}
                  </span>
                )}
              </span>
              <span className={css.quiet}>
                {t("history.version", { number: version.number })} · <time dateTime={version.at} title={fullTime(version.at, locale)}>{ago(version.at, locale, now)}</time>
                {version.published_by && !version.live && ` · ${t("history.was_live")}`}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {!all && history.length > SHOWN && (
        <button type="button" className={css.add} onClick={() => setAll(true)}>
          {t("history.all", { count: history.length })}
        </button>
      )}
      {open && <Restore {...props} version={open} onClose={() => setOpen(null)} />}
    </section>
  );
}
