import type { JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { usePanel } from "./context";
import { useTitle } from "./Header";
import { LaterIcon, type LaterName } from "./more-icons";
import "./menu.css";
import { download, fileName, transcript } from "./transcript";

interface Props {
  /** `back`: the focus returns to the button that opened it. */
  close: (back: boolean) => void;
}

export function Menu({ close }: Props): JSX.Element {
  const { speech, preferences, setPreferences, state, config } = usePanel();
  const { t } = speech;
  const title = useTitle();
  const root = useRef<HTMLDivElement>(null);
  // In step with what is drawn: a second Escape, however soon, is the panel's and not this menu's.
  useLayoutEffect(() => {
    const box = root.current;
    const items = [...(box?.querySelectorAll<HTMLElement>("[role^=menuitem]") ?? [])];
    items[0]?.focus();
    const away = (event: Event): void => {
      if (!box?.parentElement?.contains(event.target as Node)) close(false);
    };
    const keys = (event: KeyboardEvent): void => {
      const at = items.indexOf(document.activeElement as HTMLElement);
      if (event.key === "Escape") {
        event.stopPropagation();
        close(true);
      } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        items[(at + (event.key === "ArrowDown" ? 1 : -1) + items.length) % items.length]?.focus();
      }
    };
    document.addEventListener("pointerdown", away);
    box?.addEventListener("keydown", keys);
    return () => {
      document.removeEventListener("pointerdown", away);
      box?.removeEventListener("keydown", keys);
    };
  }, []);
  const toggle = (icon: LaterName, words: string, on: boolean, act: () => void): JSX.Element => (
    <button type="button" role="menuitemcheckbox" aria-checked={on} onClick={act}>
      <LaterIcon name={icon} />
      <span>{words}</span>
      <span class="switch" aria-hidden="true" />
    </button>
  );
  const save = (): void => {
    close(false);
    download(fileName(new Date()), transcript(state.messages, title, speech));
  };
  const switchLanguage = (): void => {
    close(true);
    setPreferences({ language: speech.language === "zh" ? "en" : "zh" });
  };
  return (
    <div role="menu" aria-label={t("menu")} ref={root}>
      {(config?.languages.length ?? 2) > 1 && (
        <button type="button" role="menuitem" onClick={switchLanguage} lang={speech.language === "zh" ? "en" : "zh"}>
          <LaterIcon name="globe" />
          <span>{t("language")}</span>
        </button>
      )}
      {toggle("bell", t("sound"), preferences.sound, () => setPreferences({ sound: !preferences.sound }))}
      {config?.voice !== false &&
        toggle("voice", t("autoplay"), preferences.autoplay, () => setPreferences({ autoplay: !preferences.autoplay }))}
      <button type="button" role="menuitem" onClick={save} disabled={state.messages.length === 0}>
        <LaterIcon name="file" />
        <span>{t("transcript")}</span>
      </button>
    </div>
  );
}
