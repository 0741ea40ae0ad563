import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { usePanel } from "./context";
import { Icon, Mark } from "./icons";
import { later } from "./later";

const Menu = later(() => import("./Menu").then((file) => file.Menu));

function useStatus(): { words: string; tone: string } {
  const { state, speech } = usePanel();
  const { t } = speech;
  if (state.link === "offline") return { words: t("status_offline"), tone: "off" };
  if (state.link === "connecting") return { words: t("status_connecting"), tone: "wait" };
  if (state.owner === "agent") return { words: t("status_agent"), tone: "on" };
  if (state.owner === "queued") return { words: t("status_queued"), tone: "wait" };
  if (state.owner === "closed") return { words: t("status_closed"), tone: "off" };
  return { words: t("status_bot"), tone: "on" };
}

function initial(name: string): string {
  return [...name.trim()][0]?.toUpperCase() ?? "•";
}

export function Avatar({ agent }: { agent: string | null }): JSX.Element {
  return (
    <span class={agent ? "avatar person" : "avatar"} aria-hidden="true">
      {agent ? initial(agent) : <Mark />}
    </span>
  );
}

export function useTitle(): string {
  const { config, speech } = usePanel();
  return config?.title[speech.language] || speech.t("title");
}

export function Header({ onClose }: { onClose: (() => void) | null }): JSX.Element {
  const { state, speech } = usePanel();
  const status = useStatus();
  const title = useTitle();
  const agent = state.owner === "agent" ? state.agentName || speech.t("agent_name") : null;
  return (
    <header class="top">
      <Avatar agent={agent} />
      <div class="who">
        <h1>{agent ?? title}</h1>
        <p class="status" role="status" data-tone={status.tone}>
          {status.words}
        </p>
      </div>
      <MenuButton />
      {onClose && (
        <button class="round" type="button" aria-label={speech.t("close")} onClick={onClose}>
          <Icon name="down" />
        </button>
      )}
    </header>
  );
}

function MenuButton(): JSX.Element {
  const { speech } = usePanel();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const close = (back: boolean): void => {
    setOpen(false);
    if (back) root.current?.querySelector("button")?.focus();
  };
  return (
    <div class="menu" ref={root}>
      <button
        class="round"
        type="button"
        aria-label={speech.t("menu")}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open && <Menu close={close} />}
    </div>
  );
}
