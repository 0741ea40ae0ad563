import type { JSX } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { usePanel } from "./context";
import { Icon, Mark, type IconName } from "./icons";
import { download, transcript } from "./transcript";

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
  const title = config?.title;
  return (typeof title === "string" ? title : title?.[speech.language]) || speech.t("title");
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
      <Menu />
      {onClose && (
        <button class="round" type="button" aria-label={speech.t("close")} onClick={onClose}>
          <Icon name="down" />
        </button>
      )}
    </header>
  );
}

function Menu(): JSX.Element {
  const { speech, preferences, setPreferences, state, config } = usePanel();
  const { t } = speech;
  const title = useTitle();
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  // In step with what is drawn: a second Escape, however soon, is the panel's and not this menu's.
  useLayoutEffect(() => {
    if (!open) return;
    const items = [...(root.current?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    items[0]?.focus();
    const away = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    const keys = (event: KeyboardEvent): void => {
      const at = items.indexOf(document.activeElement as HTMLElement);
      if (event.key === "Escape") {
        event.stopPropagation();
        setOpen(false);
        root.current?.querySelector("button")?.focus();
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
      }
    };
    const box = root.current;
    document.addEventListener("pointerdown", away);
    box?.addEventListener("keydown", keys);
    return () => {
      document.removeEventListener("pointerdown", away);
      box?.removeEventListener("keydown", keys);
    };
  }, [open]);
  const toggle = (icon: IconName, words: string, on: boolean, act: () => void): JSX.Element => (
    <button type="button" role="menuitemcheckbox" aria-checked={on} onClick={act}>
      <Icon name={icon} />
      <span>{words}</span>
      <span class="switch" aria-hidden="true" />
    </button>
  );
  const save = (): void => {
    setOpen(false);
    const day = new Date().toISOString().slice(0, 10);
    download(`chat-${day}.txt`, transcript(state.messages, title, speech));
  };
  const switchLanguage = (): void => {
    setOpen(false);
    setPreferences({ language: speech.language === "zh" ? "en" : "zh" });
  };
  return (
    <div class="menu" ref={root}>
      <button
        class="round"
        type="button"
        aria-label={t("menu")}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon name="more" />
      </button>
      {open && (
        <div role="menu" aria-label={t("menu")}>
          {(config?.languages.length ?? 2) > 1 && (
            <button type="button" role="menuitem" onClick={switchLanguage} lang={speech.language === "zh" ? "en" : "zh"}>
              <Icon name="globe" />
              <span>{t("language")}</span>
            </button>
          )}
          {toggle("bell", t("sound"), preferences.sound, () => setPreferences({ sound: !preferences.sound }))}
          {config?.voice !== false &&
            toggle("voice", t("autoplay"), preferences.autoplay, () => setPreferences({ autoplay: !preferences.autoplay }))}
          <button type="button" role="menuitem" onClick={save} disabled={state.messages.length === 0}>
            <Icon name="file" />
            <span>{t("transcript")}</span>
          </button>
        </div>
      )}
    </div>
  );
}
