import { ActionIcon, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconAlertTriangle, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { api } from "../api/client";
import type { Candidate, IntentScore, Why } from "../api/types";
import { useI18n } from "../i18n";
import { Failure } from "../shell/Failure";
import { useDeskState } from "../live/context";
import { Correct } from "./Correct";
import { EntityText } from "./EntityText";
import { WhyWords } from "./WhyWords";
import css from "./why.module.css";

const SHOWN_INTENTS = 5;

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={css.section}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share >= 0.1 ? 0 : 1)}%`;
}

function Bar({ share, tone, mark }: { share: number; tone: "main" | "rest"; mark?: number | undefined }) {
  return (
    <span className={css.bar} aria-hidden="true">
      <span className={css.fill} data-tone={tone} style={{ width: `${Math.min(100, Math.max(0, share * 100))}%` }} />
      {mark !== undefined && <span className={css.mark} style={{ left: `${mark * 100}%` }} />}
    </span>
  );
}

function Intents({ chosen, ranking }: { chosen: IntentScore; ranking: readonly IntentScore[] }) {
  const { t } = useI18n();
  const rows = ranking.some((one) => one.name === chosen.name) ? ranking : [chosen, ...ranking];
  return (
    <ol className={css.bars}>
      {rows.slice(0, SHOWN_INTENTS).map((intent) => (
        <li key={intent.name} data-chosen={intent.name === chosen.name}>
          <span className={css.barName}>
            {intent.name}
            {intent.name === chosen.name && <span className="lx-sr"> {t("why.chosen")}</span>}
          </span>
          <span className={css.barValue}>{percent(intent.confidence)}</span>
          <Bar share={intent.confidence} tone={intent.name === chosen.name ? "main" : "rest"} />
        </li>
      ))}
    </ol>
  );
}

function Candidates({ candidates, thresholds }: { candidates: readonly Candidate[]; thresholds: Record<string, number> }) {
  const { t } = useI18n();
  return (
    <ol className={css.candidates}>
      {candidates.map((candidate, index) => (
        <li key={candidate.entry_id}>
          <span className={css.question}>{candidate.question}</span>
          <span className={css.barValue}>{percent(candidate.score)}</span>
          <Bar share={candidate.score} tone={index === 0 ? "main" : "rest"} mark={thresholds["answer"] ?? thresholds["faq_answer"]} />
          <span className={css.scores}>
            {t("why.lexical")} {candidate.lexical.toFixed(2)} · {t("why.semantic")} {candidate.semantic.toFixed(2)} ·{" "}
            <code>{candidate.entry_id}</code>
          </span>
        </li>
      ))}
    </ol>
  );
}

function Thresholds({ thresholds }: { thresholds: Record<string, number> }) {
  const { code } = useI18n();
  const entries = Object.entries(thresholds);
  if (entries.length === 0) return null;
  return (
    <dl className={css.pairs}>
      {entries.map(([name, value]) => (
        <div key={name}>
          <dt>{code("threshold", name)}</dt>
          <dd>{value.toFixed(2)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Timings({ timings }: { timings: Record<string, number> }) {
  const { code, t } = useI18n();
  const stages = Object.entries(timings).filter(([name]) => name !== "total");
  const total = timings["total"] ?? stages.reduce((sum, [, ms]) => sum + ms, 0);
  const longest = Math.max(0.001, ...stages.map(([, ms]) => ms));
  return (
    <ol className={css.timings}>
      {stages.map(([name, ms]) => (
        <li key={name}>
          <span className={css.barName}>{code("stage", name)}</span>
          <Bar share={ms / longest} tone="rest" />
          <span className={css.barValue}>{t("why.ms", { ms: ms < 10 ? ms.toFixed(1) : Math.round(ms) })}</span>
        </li>
      ))}
      <li className={css.total}>
        <span className={css.barName}>{t("why.total")}</span>
        <span />
        <span className={css.barValue}>{t("why.ms", { ms: total < 10 ? total.toFixed(1) : Math.round(total) })}</span>
      </li>
    </ol>
  );
}

export function Slots({ slots }: { slots: Record<string, unknown> }) {
  const filled = Object.entries(slots).filter(([, value]) => value !== null && value !== undefined && value !== "");
  if (filled.length === 0) return null;
  return (
    <dl className={css.pairs}>
      {filled.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{typeof value === "string" ? value : JSON.stringify(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function Understood({ understanding }: { understanding: NonNullable<Why["understanding"]> }) {
  const { t, code } = useI18n();
  const { sentiment, entities, intent_ranking, intent } = understanding;
  return (
    <>
      <Section title={t("why.said")}>
        <EntityText text={understanding.text} entities={entities} />
        {understanding.read_as && <p className={css.readAs}>{t("why.read_as", { text: understanding.read_as })}</p>}
        <div className={css.chips}>
          <span className={css.chip} data-tone={sentiment.label}>
            {code("sentiment", sentiment.label)} {sentiment.strength > 0 && percent(sentiment.strength)}
          </span>
          <span className={css.chip}>{understanding.language === "zh" ? "中文" : "English"}</span>
          {(understanding.keywords ?? []).slice(0, 6).map((keyword) => (
            <span key={keyword} className={css.chip}>
              {keyword}
            </span>
          ))}
        </div>
      </Section>
      <Section title={t("why.intent")}>
        <Intents chosen={intent} ranking={intent_ranking} />
      </Section>
    </>
  );
}

function Decided({ trace }: { trace: NonNullable<Why["trace"]> }) {
  const { t, code } = useI18n();
  return (
    <>
      <Section title={t("why.decided")}>
        <p className={css.route}>{code("route", trace.route)}</p>
        <ol className={css.decisions}>
          {trace.decisions.map((decision, index) => (
            <li key={index}>
              <code>{decision.action}</code>
              {decision.policy && <span>{decision.policy}</span>}
              {decision.confidence !== undefined && <span>{percent(decision.confidence)}</span>}
            </li>
          ))}
        </ol>
        {trace.notes.map((note) => (
          <p key={note} className={css.note}>
            <IconAlertTriangle size={14} aria-hidden /> {note}
          </p>
        ))}
      </Section>
      {trace.candidates.length > 0 && (
        <Section title={t("why.candidates")}>
          <Candidates candidates={trace.candidates} thresholds={trace.thresholds} />
        </Section>
      )}
      {Object.keys(trace.thresholds).length > 0 && (
        <Section title={t("why.thresholds")}>
          <Thresholds thresholds={trace.thresholds} />
        </Section>
      )}
      {Object.values(trace.slots).some((value) => value !== null) && (
        <Section title={t("why.slots")}>
          <Slots slots={trace.slots} />
        </Section>
      )}
    </>
  );
}

interface Props {
  conversationId: string;
  messageId: string;
  onClose: () => void;
}

export function WhyPanel({ conversationId, messageId, onClose }: Props) {
  const { t } = useI18n();
  const why = useQuery({
    queryKey: ["why", conversationId, messageId],
    queryFn: () => api<Why>(`/api/conversations/${conversationId}/turns/${messageId}`),
    staleTime: Infinity,
  });
  const said = useDeskState((state) => state.thread?.messages.find(({ id }) => id === messageId)?.content.text ?? "");
  const timings = { ...why.data?.understanding?.timings_ms, ...why.data?.trace?.timings_ms };
  return (
    <div className={css.panel} data-testid="why">
      <header className={css.panelHead}>
        <h2>{t("why.title")}</h2>
        <ActionIcon aria-label={t("why.close")} onClick={onClose}>
          <IconX size={17} />
        </ActionIcon>
      </header>
      {why.isPending && <Loader size="sm" aria-label={t("state.loading")} />}
      {why.isError && <Failure error={why.error} onRetry={() => void why.refetch()} />}
      {why.data?.understanding && <Understood understanding={why.data.understanding} />}
      {why.data?.understanding?.text && (
        <WhyWords key={messageId} conversationId={conversationId} messageId={messageId} modelId={why.data.understanding.model_id} />
      )}
      {why.data && <Correct conversationId={conversationId} messageId={messageId} why={why.data} text={why.data.understanding?.text || said} />}
      {why.data?.trace && <Decided trace={why.data.trace} />}
      {Object.keys(timings).length > 0 && (
        <Section title={t("why.timings")}>
          <Timings timings={timings} />
        </Section>
      )}
      {why.data?.understanding?.model_id && (
        <p className={css.model}>
          {t("why.model")} <code>{why.data.understanding.model_id}</code>
        </p>
      )}
    </div>
  );
}
