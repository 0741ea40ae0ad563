import { Button, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconArrowRight, IconMessageCircleQuestion, IconTargetArrow } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";
import { api } from "../../api/client";
import { useI18n } from "../../i18n";
import { Failure } from "../../shell/Failure";
import { Nothing } from "../../shell/Found";
import { Column } from "../../shell/Frame";
import { KnowledgeFrame } from "../KnowledgeFrame";
import { AsCustomer } from "./AsCustomer";
import { Candidates } from "./Candidates";
import { AUDIENCES, type Audience } from "../types";
import css from "./test.module.css";
import type { SearchAnswer } from "./types";
import { Verdict } from "./Verdict";

const CANDIDATES = 8;

function linesOf(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter(Boolean).slice(-10);
}

function asked({ q, before, as }: { q: string; before: string; as: Audience }): Record<string, string> {
  return { ...(q ? { q } : {}), ...(before ? { before } : {}), ...(as === "everyone" ? {} : { as }) };
}

/** Ask what a customer would, and see what is answered and why. */
export function HitTestPage() {
  const { t, language } = useI18n();
  const [params, setParams] = useSearchParams();
  const q = params.get("q") ?? "";
  const before = params.get("before") ?? "";
  const audience = AUDIENCES.find((one) => one === params.get("as")) ?? "everyone";
  const [typed, setTyped] = useState(q);
  const [context, setContext] = useState(before);
  const [withContext, setWithContext] = useState(before !== "");
  const found = useQuery({
    // The sentence that says why comes in the reader's language.
    queryKey: ["faq", "search", q, before, audience, language],
    queryFn: ({ signal }) => api<SearchAnswer>("/api/faq/search", { body: { query: q, context: linesOf(before), limit: CANDIDATES, audience }, signal }),
    enabled: q !== "",
    staleTime: 0,
  });
  const ask = (event: FormEvent) => {
    event.preventDefault();
    const query = typed.trim();
    if (!query) return;
    if (query === q && context === before) void found.refetch();
    setParams(asked({ q: query, before: withContext ? context.trim() : "", as: audience }));
  };
  return (
    <KnowledgeFrame>
      <Column wide>
        <form onSubmit={ask} className={css.ask} role="search">
          <TextInput
            size="lg"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            placeholder={t("test.placeholder")}
            aria-label={t("test.placeholder")}
            leftSection={<IconTargetArrow size={20} aria-hidden />}
            maxLength={2000}
            data-autofocus
            autoFocus={q === ""}
          />
          <Button type="submit" size="lg" loading={found.isFetching} rightSection={<IconArrowRight size={18} />}>
            {t("test.ask")}
          </Button>
          <NativeSelect
            className={css.audience}
            size="xs"
            aria-label={t("test.audience")}
            data={AUDIENCES.map((value) => ({ value, label: `${t("test.audience")}: ${t(`audience.${value}`)}` }))}
            value={audience}
            onChange={(event) => setParams(asked({ q, before, as: event.currentTarget.value as Audience }))}
          />
          {withContext ? (
            <Textarea
              className={css.context}
              label={t("test.context")}
              description={t("test.context_hint")}
              value={context}
              onChange={(event) => setContext(event.currentTarget.value)}
              autosize
              minRows={2}
              maxRows={6}
            />
          ) : (
            <button type="button" className={css.addContext} onClick={() => setWithContext(true)}>
              {t("test.add_context")}
            </button>
          )}
        </form>
        {found.error && <Failure error={found.error} onRetry={() => void found.refetch()} />}
        {found.data ? (
          <div className={css.columns}>
            <div className={css.main}>
              <Verdict answer={found.data} />
              <Candidates answer={found.data} />
            </div>
            <AsCustomer answer={found.data} />
          </div>
        ) : (
          !found.error &&
          !found.isFetching && (
            <Nothing icon={IconMessageCircleQuestion} hint={t("test.empty")} />
          )
        )}
      </Column>
    </KnowledgeFrame>
  );
}
