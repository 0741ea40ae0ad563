import { ActionIcon, Button } from "@mantine/core";
import { IconArrowRight, IconDownload, IconTrash } from "@tabler/icons-react";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import { agoInWords, fullTime } from "../i18n/time";
import { EntryLink } from "../knowledge/EntryLink";
import { useConfirm } from "../shell/confirm";
import { Found } from "../shell/Found";
import { useNow } from "../shell/now";
import css from "./bot.module.css";
import type { Correction } from "./types";
import { useCorrections, useForgetCorrection } from "./useCorrections";

function Row({ one, mayChange }: { one: Correction; mayChange: boolean }) {
  const { t, locale } = useI18n();
  const now = useNow(30_000);
  const confirm = useConfirm();
  const forget = useForgetCorrection();
  const points = [...one.text];
  return (
    <li>
      <div className={css.corrected}>
        <Link to={`/inbox/${one.conversation_id}?view=all`}>
          <q dir="auto">{one.text}</q>
        </Link>
        <span className={css.meant}>
          {one.was_intent && one.was_intent !== one.intent && (
            <>
              <s>{one.was_intent}</s> <IconArrowRight size={13} aria-hidden />
            </>
          )}
          <code>{one.intent}</code>
          {one.entities.map(({ start, end, entity }) => (
            <span key={start}>
              {points.slice(start, end).join("")} <code>{entity}</code>
            </span>
          ))}
          {one.entry_id && <EntryLink id={one.entry_id} />}
        </span>
      </div>
      <span className={css.quiet} title={fullTime(one.at, locale)}>
        {one.author_name} · {agoInWords(one.at, locale, now)}
      </span>
      {mayChange && (
        <ActionIcon aria-label={t("corrections.forget", { text: one.text })} onClick={() => confirm({ title: t("confirm.delete", { name: one.text }), hint: t("corrections.forget_hint") }, () => forget.mutate(one.id))}>
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </li>
  );
}

/** What agents said that customers meant: the examples that the next training also learns from. */
export function Corrections({ mayChange }: { mayChange: boolean }) {
  const { t } = useI18n();
  const found = useCorrections();
  const count = found.data?.length ?? 0;
  return (
    <section className={css.card} aria-label={t("corrections.title")}>
      <div className={css.cardHead}>
        <h2>
          {t("corrections.title")} {count > 0 && <span>{count}</span>}
        </h2>
        {mayChange && count > 0 && (
          <Button component="a" href="/api/nlu/corrections.yml" download size="xs" variant="default" leftSection={<IconDownload size={15} aria-hidden />}>
            nlu.yml
          </Button>
        )}
      </div>
      <Found query={found}>
        {(items) => (
          <>
            <p className={css.quiet}>{t(items.length > 0 ? "corrections.hint" : "corrections.none")}</p>
            <ul className={css.corrections} aria-label={t("corrections.title")}>
              {items.map((one) => (
                <Row key={one.id} one={one} mayChange={mayChange} />
              ))}
            </ul>
          </>
        )}
      </Found>
    </section>
  );
}
