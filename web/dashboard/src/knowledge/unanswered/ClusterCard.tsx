import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconChevronDown, IconPlus, IconTargetArrow } from "@tabler/icons-react";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { ApiError, api } from "../../api/client";
import { useI18n } from "../../i18n";
import { ago } from "../../i18n/time";
import { wordsOf } from "../../shell/Failure";
import { isSupervisor, useMe } from "../../shell/session";
import { ExamplesOf } from "./ExamplesOf";
import { languageOf, withPhrasings } from "../editor/draft";
import type { Seed } from "../editor/EntryPage";
import type { Content, EntryOut } from "../types";
import type { Cluster } from "./types";
import css from "./unanswered.module.css";

const SHOWN = 3;
/** An entry that is less likely to answer has nothing to do with the question. */
const NEAR_ENOUGH = 0.1;

/** The questions of a group as phrasings of a new entry, its title first. */
function contentOf(cluster: Cluster): Partial<Content> {
  const questions: Content["questions"] = {};
  for (const text of [cluster.title, ...cluster.questions.map((question) => question.text)]) {
    const language = languageOf(text);
    questions[language] = withPhrasings(questions[language] ?? [], [text.slice(0, 500)]);
  }
  return { questions };
}

export function ClusterCard({ cluster, now }: { cluster: Cluster; now: number }) {
  const { t, locale } = useI18n();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const supervisor = isSupervisor(useMe());
  const [all, setAll] = useState(false);
  const [intent, setIntent] = useState(cluster.intent);
  const ids = cluster.questions.map((question) => question.message_id);
  const told = (error: unknown) => {
    const blocked = error instanceof ApiError && error.code === "check_failed";
    notifications.show({ color: "red", message: blocked ? t("test.phrasing_blocked") : wordsOf(error, t), autoClose: 8_000 });
  };
  const settled = (message: string) => {
    void queries.invalidateQueries({ queryKey: ["faq"] });
    notifications.show({ color: "green", message });
  };
  const join = useMutation({
    mutationFn: (entryId: string) => api<EntryOut>("/api/faq/unanswered/entry", { body: { message_ids: ids, entry_id: entryId, publish: supervisor, intent } }),
    onSuccess: (entry) => settled(t(entry.status === "published" ? "unanswered.joined_live" : "unanswered.joined_draft", { title: entry.title })),
    onError: told,
  });
  const dismiss = useMutation({
    mutationFn: () => api("/api/faq/unanswered/dismiss", { body: { message_ids: ids } }),
    onSuccess: () => settled(t("unanswered.dismissed")),
    onError: told,
  });
  const reasons = [...new Set(cluster.questions.map((question) => question.reason))];
  const shown = all ? cluster.questions : cluster.questions.slice(0, SHOWN);
  const nearest = cluster.nearest?.kind === "faq" ? cluster.nearest : null;
  return (
    <article className={css.card} aria-label={cluster.title}>
      <header className={css.head}>
        <span className={css.size} title={t("unanswered.asked", { count: cluster.size })}>
          {cluster.size}
        </span>
        <h2>{cluster.title}</h2>
        <span className={css.when}>{ago(cluster.last_at, locale, now)}</span>
      </header>
      <p className={css.reasons}>
        {reasons.map((reason) => (
          <span key={reason} data-reason={reason}>
            {t(`unanswered.${reason}`)}
          </span>
        ))}
      </p>
      {cluster.size > 1 && (
        <ul className={css.questions}>
          {shown.map((question) => (
            <li key={question.message_id}>
              <Link to={`/inbox/${question.conversation_id}`}>{question.text}</Link>
            </li>
          ))}
        </ul>
      )}
      {cluster.questions.length > SHOWN && !all && (
        <button type="button" className={css.more} onClick={() => setAll(true)}>
          <IconChevronDown size={14} aria-hidden /> {t("unanswered.show_all", { count: cluster.questions.length })}
        </button>
      )}
      {nearest && (
        <p className={css.nearest}>
          <IconTargetArrow size={15} aria-hidden />
          <span>
            {t("unanswered.nearest")} <Link to={`/knowledge/entries/${encodeURIComponent(nearest.entry_id)}`}>{nearest.title}</Link>
          </span>
          <span className={css.score}>{nearest.score.toFixed(2)}</span>
        </p>
      )}
      <ExamplesOf intent={intent} onChange={setIntent} />
      <footer className={css.actions}>
        <Button size="xs" leftSection={<IconPlus size={14} />} onClick={() => void navigate("/knowledge/entries/new", { state: { content: contentOf(cluster), messageIds: ids, intent } satisfies Seed })}>
          {t("unanswered.new_entry")}
        </Button>
        {nearest && nearest.score >= NEAR_ENOUGH && (
          <Button size="xs" variant="light" loading={join.isPending} onClick={() => join.mutate(nearest.entry_id)}>
            {t("unanswered.join")}
          </Button>
        )}
        <Button size="xs" variant="subtle" color="gray" component={Link} to={`/knowledge/test?q=${encodeURIComponent(cluster.title)}`}>
          {t("unanswered.test")}
        </Button>
        <span className={css.spring} />
        <Button size="xs" variant="subtle" color="gray" loading={dismiss.isPending} onClick={() => dismiss.mutate()}>
          {t("unanswered.dismiss")}
        </Button>
      </footer>
    </article>
  );
}
