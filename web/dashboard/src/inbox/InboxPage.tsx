import { Drawer } from "@mantine/core";
import { useMediaQuery } from "@mantine/hooks";
import { IconMessages } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { useI18n } from "../i18n";
import { useDesk, useDeskState } from "../live/context";
import { Failure } from "../shell/Failure";
import { usePreferences } from "../shell/preferences";
import { Details } from "../thread/Details";
import { ThreadPane } from "../thread/ThreadPane";
import { ConversationList } from "./ConversationList";
import css from "./inbox.module.css";

function NothingOpen() {
  const { t } = useI18n();
  return (
    <div className={css.nothing}>
      <IconMessages size={44} stroke={1.3} aria-hidden />
      <p>{t("inbox.choose")}</p>
      <p className={css.hints}>
        <kbd>J</kbd> <kbd>K</kbd> {t("hint.walk")} · <kbd>/</kbd> {t("hint.search")} · <kbd>Ctrl K</kbd> {t("hint.palette")} · <kbd>?</kbd> {t("shortcuts.title")}
      </p>
    </div>
  );
}

/** Keeps the desk's open conversation in step with the address. */
function useOpen(conversationId: string | undefined, atSeq: number | null): { error: unknown; retry: () => void } {
  const desk = useDesk();
  const [error, setError] = useState<unknown>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setError(null);
    if (!conversationId) {
      desk.close();
      return;
    }
    let current = true;
    desk.open(conversationId, atSeq).catch((failure: unknown) => {
      if (!current) return;
      desk.close();
      setError(failure);
    });
    return () => {
      current = false;
    };
  }, [desk, conversationId, atSeq, attempt]);
  useEffect(() => () => desk.close(), [desk]);
  return { error, retry: () => setAttempt((count) => count + 1) };
}

export function InboxPage() {
  const { t } = useI18n();
  const { conversationId } = useParams();
  const [params] = useSearchParams();
  const atSeq = Number(params.get("at")) || null;
  const { error, retry } = useOpen(conversationId, atSeq);
  const openId = useDeskState((state) => state.thread?.conversationId);
  const wide = useMediaQuery("(min-width: 1240px)", true, { getInitialValueInEffect: false });
  const { details, setDetails } = usePreferences();
  const [drawer, setDrawer] = useState(false);
  const [whyOf, setWhyOf] = useState<string | null>(null);
  useEffect(() => setWhyOf(null), [conversationId]);
  const showWhy = (messageId: string) => {
    setWhyOf(messageId);
    if (wide) setDetails(true);
    else setDrawer(true);
  };
  const panel = conversationId && openId === conversationId && (
    <Details conversationId={conversationId} whyOf={whyOf} onWhyClosed={() => setWhyOf(null)} />
  );
  return (
    <main id="main" className={css.inbox} data-open={Boolean(conversationId)} tabIndex={-1}>
      <ConversationList />
      {error ? (
        <Failure error={error} onRetry={retry} />
      ) : conversationId && openId === conversationId ? (
        <ThreadPane
          key={conversationId}
          conversationId={conversationId}
          atSeq={atSeq}
          whyOf={whyOf}
          onWhy={showWhy}
          detailsShown={wide ? details : drawer}
          onDetails={() => (wide ? setDetails((shown) => !shown) : setDrawer((shown) => !shown))}
        />
      ) : (
        <NothingOpen />
      )}
      {wide && details && panel && (
        <aside className={css.details} aria-label={t("details.title")}>
          {panel}
        </aside>
      )}
      {!wide && (
        <Drawer
          opened={drawer}
          onClose={() => {
            setDrawer(false);
            setWhyOf(null);
          }}
          position="right"
          size="min(420px, 100%)"
          title={t(whyOf ? "why.title" : "details.title")}
          styles={{ title: { fontWeight: 650 }, body: { padding: 0 } }}
          closeButtonProps={{ "aria-label": t("action.close_panel") }}
        >
          {panel}
        </Drawer>
      )}
    </main>
  );
}
