import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Bubble, Pending } from "./Bubble";
import { usePanel } from "./context";
import { Avatar } from "./Header";
import { Icon } from "./icons";
import { Markdown } from "./Markdown";
import { openButtons, rows, type Row } from "./thread";
import { dayLabel } from "./time";
import { Welcome } from "./Welcome";

/** Closer to the end than this, new messages pull the view along. */
const NEAR_PX = 90;

export function Messages({ asks }: { asks: boolean }): JSX.Element {
  const { state, speech } = usePanel();
  const { messages, outgoing, partial, peerTyping, agentName } = state;
  const box = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const follow = useRef(true);
  const toEnd = (behavior: ScrollBehavior = "auto"): void => {
    const list = box.current;
    if (list) list.scrollTo({ top: list.scrollHeight, behavior });
  };
  const scrolled = (): void => {
    const list = box.current;
    if (!list) return;
    follow.current = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_PX;
    if (follow.current) setAway(false);
  };
  const lastOwn = outgoing.at(-1)?.clientMsgId;
  useLayoutEffect(() => {
    follow.current = true; // we wrote something: we want to see it
    toEnd();
  }, [lastOwn]);
  useLayoutEffect(() => {
    if (follow.current) {
      if (messages.length > 0) toEnd();
    } else if (messages.length > 0) setAway(true);
  }, [messages.length, partial?.text, peerTyping, state.owner]);
  useEffect(() => {
    // The keyboard of a phone, the voice buttons, a picture: whatever changes the height.
    const list = box.current;
    if (!list || !("ResizeObserver" in window)) return;
    const observer = new ResizeObserver(() => follow.current && toEnd());
    observer.observe(list);
    if (list.firstElementChild) observer.observe(list.firstElementChild);
    return () => observer.disconnect();
  }, []);

  const open = openButtons(messages, outgoing);
  const typing = peerTyping !== null && partial === null;
  const agent = peerTyping === "agent" ? agentName || speech.t("agent_name") : null;
  return (
    <div class="scroll" ref={box} onScroll={scrolled}>
      <div role="log" aria-live="off" aria-label={speech.t("messages")}>
        <Welcome asks={asks} />
        <ol class="messages">
          {rows(messages, outgoing).map((row) => (
            <Line key={row.key} row={row} open={open} />
          ))}
          {partial && (
            <li class="row theirs partial" aria-hidden="true">
              <Avatar agent={null} />
              <div class="said">
                <div class="bubble">
                  <Markdown text={partial.text} />
                </div>
              </div>
            </li>
          )}
          {typing && (
            <li class="row theirs typing">
              <Avatar agent={agent} />
              <div class="said">
                <div class="bubble dots">
                  <i />
                  <i />
                  <i />
                  <span class="hidden">{agent ? speech.t("typing_agent", { name: agent }) : speech.t("typing_bot")}</span>
                </div>
              </div>
            </li>
          )}
        </ol>
      </div>
      {away && (
        <button class="to-end" type="button" onClick={() => toEnd("smooth")}>
          <Icon name="down" />
          {speech.t("new_messages")}
        </button>
      )}
    </div>
  );
}

function Line({ row, open }: { row: Row; open: string | null }): JSX.Element | null {
  const { speech } = usePanel();
  switch (row.kind) {
    case "day":
      return (
        <li class="day">
          <span>{dayLabel(row.at, new Date(), speech)}</span>
        </li>
      );
    case "notice": {
      const { text } = row.message.content;
      return text ? (
        <li class="notice" dir="auto">
          {text}
        </li>
      ) : null;
    }
    case "message":
      return <Bubble message={row.message} first={row.first} last={row.last} open={open === row.message.id} />;
    case "outgoing":
      return <Pending item={row.item} />;
  }
}
