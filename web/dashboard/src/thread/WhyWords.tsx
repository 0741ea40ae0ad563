import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type CSSProperties, useState } from "react";
import { api } from "../api/client";
import type { Explanation, Why } from "../api/types";
import { useI18n } from "../i18n";
import { Failure } from "../shell/Failure";
import css from "./words.module.css";

function signed(share: number): string {
  const points = Math.round(Math.abs(share) * 100);
  if (points === 0) return "0";
  return `${share < 0 ? "−" : "+"}${points}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function weighed(share: number): CSSProperties {
  return { "--weight": `${Math.min(60, Math.abs(share) * 80)}%` } as CSSProperties;
}

function Words({ found, intent }: { found: Explanation; intent: string }) {
  const { t } = useI18n();
  const empty = found.without_words[intent] ?? 0;
  const sum = found.words.reduce((all, word) => all + (word.shares[intent] ?? 0), empty);
  return (
    <div className={css.intent}>
      <h4>{t("words.of", { intent })}</h4>
      <ul className={css.words}>
        {found.words.map(({ text, start, shares }) => {
          const share = shares[intent] ?? 0;
          return (
            <li key={start} data-against={share < 0} style={weighed(share)}>
              {text} <small>{signed(share)}</small>
            </li>
          );
        })}
      </ul>
      <p className={css.note}>{t("words.sum", { sum: percent(sum), empty: percent(empty) })}</p>
    </div>
  );
}

function Found({ found, modelId }: { found: Explanation; modelId: string | undefined }) {
  const { t } = useI18n();
  return (
    <>
      {found.model_id !== modelId && <p className={css.note}>{t("words.newer")}</p>}
      {found.words.length === 0 && <p className={css.note}>{t("words.none")}</p>}
      {found.words.length > 0 && found.intents.map((intent) => <Words key={intent} found={found} intent={intent} />)}
      {found.scope_threshold !== null && (
        <p className={css.note}>
          {t("words.scope", { percent: percent(found.in_scope), threshold: percent(found.scope_threshold) })}
        </p>
      )}
      {found.nearest.length > 0 && <h4>{t("words.nearest")}</h4>}
      <ol className={css.nearest}>
        {found.nearest.map(({ text, intent, similarity }) => (
          <li key={text}>
            <span>{text}</span>
            <code>{intent}</code>
            <small>{similarity.toFixed(2)}</small>
          </li>
        ))}
      </ol>
      <p className={css.note}>{t("words.ran", { ms: Math.round(found.explain_ms), runtime: found.runtime })}</p>
    </>
  );
}

interface Props {
  conversationId: string;
  messageId: string;
  modelId: string | undefined;
}

/** Asked for, not shown at once: it costs the engine a hundred readings of the message's parts. */
export function WhyWords({ conversationId, messageId, modelId }: Props) {
  const { t } = useI18n();
  const [asked, setAsked] = useState(false);
  const why = useQuery({
    queryKey: ["why", conversationId, messageId, "words"],
    queryFn: () => api<Why>(`/api/conversations/${conversationId}/turns/${messageId}?explain=true`),
    staleTime: Infinity,
    enabled: asked,
  });
  if (!why.data && !why.isError) {
    return (
      <Button size="xs" variant="light" mt={10} loading={why.isFetching} onClick={() => setAsked(true)}>
        {t("words.open")}
      </Button>
    );
  }
  return (
    <section className={css.section} aria-label={t("words.title")}>
      <h3>{t("words.title")}</h3>
      {why.isError && <Failure error={why.error} onRetry={() => void why.refetch()} />}
      {why.data && !why.data.explanation && <p className={css.note}>{t("words.none")}</p>}
      {why.data?.explanation && <Found found={why.data.explanation} modelId={modelId} />}
    </section>
  );
}
