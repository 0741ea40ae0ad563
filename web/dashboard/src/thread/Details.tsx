import { Anchor, CopyButton, Loader, Tooltip, UnstyledButton } from "@mantine/core";
import { IconCopy, IconStarFilled, IconUserQuestion } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { plainText, safeHref } from "../../../shared/markdown";
import type { ConversationDetail, HandoffCardData } from "../api/types";
import { useI18n } from "../i18n";
import { fullTime } from "../i18n/time";
import { Portrait } from "../inbox/Portrait";
import { Failure } from "../shell/Failure";
import css from "./details.module.css";
import { Past } from "./Past";
import { useConversation } from "./useConversation";
import { Slots, WhyPanel } from "./WhyPanel";

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={css.fact}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Copyable({ text }: { text: string }) {
  const { t } = useI18n();
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? t("action.copied") : t("action.copy")}>
          <UnstyledButton className={css.copy} onClick={copy} aria-label={t("action.copy_what", { what: text })}>
            {text} <IconCopy size={12} aria-hidden />
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyButton>
  );
}

function Customer({ detail }: { detail: ConversationDetail }) {
  const { t, locale, language } = useI18n();
  const { visitor, conversation } = detail;
  const name = visitor.name || t("visitor.anonymous");
  const page = conversation.page_url ? safeHref(conversation.page_url) : null;
  return (
    <section className={css.section}>
      <div className={css.person}>
        <Portrait name={name} id={visitor.id} size={48} />
        <div>
          <h2>{name}</h2>
          {visitor.email ? <Copyable text={visitor.email} /> : <span className={css.muted}>{t("customer.no_email")}</span>}
        </div>
      </div>
      <dl className={css.facts}>
        {visitor.verified_id && <Fact name={t("customer.verified")}>{visitor.verified_id}</Fact>}
        {visitor.details.map(({ key, label, value }) => (
          <Fact key={key} name={label[language] || key}>
            {value}
          </Fact>
        ))}
        <Fact name={t("customer.language")}>{conversation.language === "zh" ? "中文" : "English"}</Fact>
        {visitor.created_at && <Fact name={t("customer.since")}>{fullTime(visitor.created_at, locale)}</Fact>}
        {conversation.page_url && (
          <Fact name={t("customer.page")}>
            {page ? (
              <Anchor href={page} target="_blank" rel="noopener noreferrer nofollow" size="sm">
                {conversation.page_url}
              </Anchor>
            ) : (
              conversation.page_url
            )}
          </Fact>
        )}
        {conversation.rating !== null && (
          <Fact name={t("customer.rating")}>
            <span className={css.stars} role="img" aria-label={t("inbox.rated", { stars: conversation.rating })}>
              {Array.from({ length: 5 }, (_, index) => (
                <IconStarFilled key={index} size={14} data-on={index < (conversation.rating ?? 0)} />
              ))}
            </span>
          </Fact>
        )}
      </dl>
    </section>
  );
}

const HEIGHTS: Record<string, number> = { negative: 8, neutral: 20, positive: 32 };

/** One column a customer message, oldest first: how the mood went. */
function Trend({ trend }: { trend: HandoffCardData["sentiment_trend"] }) {
  const { t, code } = useI18n();
  const words = trend.map((mood) => code("sentiment", String(mood))).join(", ");
  return (
    <div className={css.trend} role="img" aria-label={`${t("handoff.trend")}: ${words}`}>
      {trend.map((mood, index) => (
        <span key={index} data-mood={mood} style={{ height: HEIGHTS[String(mood)] ?? 20 }} />
      ))}
    </div>
  );
}

function Handoff({ handoff }: { handoff: HandoffCardData }) {
  const { t, code } = useI18n();
  return (
    <section className={css.section} aria-label={t("handoff.title")}>
      <div className={css.handoff}>
        <h3>
          <IconUserQuestion size={16} aria-hidden /> {t("handoff.title")}
        </h3>
        {handoff.reason && <p className={css.reason}>{code("reason_long", handoff.reason)}</p>}
        {handoff.summary && <p className={css.summary}>{handoff.summary}</p>}
      </div>
      {Object.keys(handoff.slots).length > 0 && (
        <div className={css.part}>
          <h4>{t("handoff.slots")}</h4>
          <Slots slots={handoff.slots} />
        </div>
      )}
      {handoff.tried.length > 0 && (
        <div className={css.part}>
          <h4>{t("handoff.tried")}</h4>
          <ul className={css.tried}>
            {handoff.tried.map((one, index) => (
              <li key={index}>{typeof one === "string" ? plainText(one) : JSON.stringify(one)}</li>
            ))}
          </ul>
        </div>
      )}
      {handoff.sentiment_trend.length > 0 && (
        <div className={css.part}>
          <h4>{t("handoff.trend")}</h4>
          <Trend trend={handoff.sentiment_trend} />
        </div>
      )}
    </section>
  );
}

interface Props {
  conversationId: string;
  whyOf: string | null;
  onWhyClosed: () => void;
}

export function Details({ conversationId, whyOf, onWhyClosed }: Props) {
  const { t } = useI18n();
  const detail = useConversation(conversationId);
  if (whyOf) return <WhyPanel conversationId={conversationId} messageId={whyOf} onClose={onWhyClosed} />;
  if (detail.isPending) return <Loader size="sm" m="md" aria-label={t("state.loading")} />;
  if (detail.isError) return <Failure error={detail.error} onRetry={() => void detail.refetch()} />;
  return (
    <>
      {detail.data.handoff && <Handoff handoff={detail.data.handoff} />}
      <Customer detail={detail.data} />
      <Past conversationId={conversationId} pageUrl={detail.data.conversation.page_url} />
    </>
  );
}
