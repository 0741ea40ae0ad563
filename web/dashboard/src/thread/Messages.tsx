import { Button, Skeleton } from "@mantine/core";
import { IconArrowDown, IconPencil } from "@tabler/icons-react";
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import type { Message } from "../../../shared/events";
import { translateCode, useI18n } from "../i18n";
import { clock, dayOf } from "../i18n/time";
import { useOpenRow } from "../inbox/commands";
import { useDesk, useDeskState } from "../live/context";
import type { ThreadState } from "../live/thread";
import { useMe } from "../shell/session";
import { Bubble, PendingBubble } from "./Bubble";
import { NoteBubble } from "./NoteBubble";
import css from "./thread.module.css";
import { timeline } from "./timeline";

/** Nearer to the end than this counts as reading the end: new messages are followed. */
const AT_END_PX = 80;

/** What happened, from the agent's side; without words of ours, what the customer was told. */
function Notice({ message }: { message: Message }) {
  const { language, locale } = useI18n();
  const { notice, text } = message.content;
  const own = notice ? translateCode(language, "notice", notice) : null;
  return (
    <p className={css.notice}>
      {own && own !== notice ? own : text || notice}
      {" · "}
      <time dateTime={message.created_at}>{clock(message.created_at, locale)}</time>
    </p>
  );
}

function Draft({ name }: { name: string }) {
  const { t } = useI18n();
  const draft = useDeskState((state) => state.thread?.draft ?? null);
  return (
    <div role="status" aria-label={t("thread.typing_region")}>
      {draft !== null && (
        <div className={css.draft}>
          <IconPencil size={14} aria-hidden />
          <span>
            <b>{t("thread.typing", { name })}</b> {draft}
            <span className={css.dots} aria-hidden="true">
              <i />
              <i />
              <i />
            </span>
          </span>
        </div>
      )}
    </div>
  );
}

/** Follows the end, keeps the place when older messages are put in above, tells how many are below. */
function useScroll(messages: readonly Message[], pendingCount: number, atSeq: number | null) {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const atEnd = useRef(atSeq === null);
  const top = useRef(0);
  const [unseen, setUnseen] = useState(0);
  const last = messages.at(-1)?.seq ?? 0;
  const first = messages[0]?.seq ?? 0;
  const before = useRef({ first, last, pendingCount, height: 0 });
  const toEnd = () => {
    const element = scroller.current;
    if (element) element.scrollTop = element.scrollHeight;
    setUnseen(0);
  };
  useLayoutEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const was = before.current;
    if (first < was.first && was.first > 0) element.scrollTop += element.scrollHeight - was.height;
    else if (atEnd.current || pendingCount > was.pendingCount) toEnd();
    else if (last > was.last && was.last > 0) setUnseen((count) => count + last - was.last);
    before.current = { first, last, pendingCount, height: element.scrollHeight };
  }, [first, last, pendingCount]);
  useEffect(() => {
    if (atSeq === null) return;
    const found = scroller.current?.querySelector(`[data-seq="${atSeq}"]`);
    atEnd.current = !found;
    found?.scrollIntoView({ block: "center" });
  }, [atSeq]);
  useEffect(() => {
    const element = content.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      if (atEnd.current) toEnd();
    });
    observer.observe(element);
    if (scroller.current) observer.observe(scroller.current); // the composer grows and shrinks
    return () => observer.disconnect();
  }, []);
  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    const near = element.scrollHeight - element.scrollTop - element.clientHeight < AT_END_PX;
    // Only who scrolls up leaves the end: what grows below moves it away by itself, and is followed.
    if (near || element.scrollTop < top.current) atEnd.current = near;
    top.current = element.scrollTop;
    if (near) setUnseen(0);
  };
  return { scroller, content, unseen, toEnd, onScroll };
}

/** Tells the server what was read, when it is on the screen and the window has the eyes. */
function useReading(last: number): void {
  const desk = useDesk();
  useEffect(() => {
    if (last === 0) return;
    const tell = () => {
      if (document.visibilityState === "visible") desk.read(last);
    };
    tell();
    window.addEventListener("focus", tell);
    return () => window.removeEventListener("focus", tell);
  }, [desk, last]);
}

interface Props {
  visitorName: string;
  /** A message that was searched for. */
  atSeq: number | null;
  whyOf: string | null;
  onWhy: (messageId: string) => void;
}

function Loading() {
  return (
    <div className={css.messages} aria-busy="true">
      {[60, 40, 75, 50].map((width, index) => (
        <Skeleton key={width} height={44} width={`${width}%`} radius="lg" ml={index % 2 ? "auto" : 0} mb={14} />
      ))}
    </div>
  );
}

export function Messages(props: Props) {
  const thread = useDeskState((state) => state.thread);
  return thread?.loaded ? <Log {...props} thread={thread} /> : <Loading />;
}

function Log({ visitorName, atSeq, whyOf, onWhy, thread }: Props & { thread: ThreadState }) {
  const { t, locale } = useI18n();
  const me = useMe();
  const desk = useDesk();
  const { messages, pending } = thread;
  const { notes } = thread;
  const items = useMemo(() => timeline(messages, pending, notes), [messages, pending, notes]);
  const { scroller, content, unseen, toEnd, onScroll } = useScroll(messages, pending.length, atSeq);
  useReading(messages.at(-1)?.seq ?? 0);
  const row = useOpenRow();
  const mine = row?.owner === "agent" && row.agent_id === me.id;
  const quote = useCallback(({ id, author, content }: Message) => desk.quote({ message_id: id, author: author.type, name: author.name, text: content.text }), [desk]);
  const recall = useCallback((messageId: string) => desk.recall(messageId), [desk]);
  return (
    <div className={css.frame}>
      <div className={css.messages} ref={scroller} onScroll={onScroll} tabIndex={0} role="log" aria-label={t("thread.messages")}>
        <div ref={content}>
          {!thread.reachedStart && (
            <Button variant="subtle" size="xs" fullWidth onClick={() => void desk.loadOlder()}>
              {t("thread.older")}
            </Button>
          )}
          {items.map((item) => {
            switch (item.kind) {
              case "day":
                return (
                  <p key={item.key} className={css.day}>
                    <span>{dayOf(item.iso, locale)}</span>
                  </p>
                );
              case "notice":
                return <Notice key={item.key} message={item.message} />;
              case "message":
                return (
                  <Bubble
                    key={item.key}
                    message={item.message}
                    first={item.first}
                    last={item.last}
                    mine={item.message.author.type === "agent" && item.message.author.id === me.id}
                    read={item.message.seq <= thread.visitorReadSeq}
                    explained={item.message.id === whyOf}
                    found={item.message.seq === atSeq}
                    onWhy={onWhy}
                    onQuote={mine ? quote : null}
                    onRecall={recall}
                  />
                );
              case "note":
                return <NoteBubble key={item.key} note={item.note} />;
              case "pending":
                return (
                  <PendingBubble
                    key={item.key}
                    pending={item.pending}
                    onResend={(id) => desk.resend(id)}
                    onDiscard={(id) => desk.discard(id)}
                  />
                );
            }
          })}
          <Draft name={visitorName} />
        </div>
      </div>
      {unseen > 0 && (
        <button type="button" className={css.jump} onClick={toEnd}>
          <IconArrowDown size={15} aria-hidden /> {t("thread.new_below", { count: unseen })}
        </button>
      )}
    </div>
  );
}
