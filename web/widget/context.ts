import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ChatClient, ChatState } from "../shared/chat";
import type { Preferences } from "./preferences";
import type { WidgetConfig } from "./service";
import type { Speaker } from "./speaker";
import type { Speech } from "./words";

/** What every part of the panel may use. */
export interface Panel {
  chat: ChatClient;
  state: ChatState;
  speech: Speech;
  config: WidgetConfig | null;
  preferences: Preferences;
  speaker: Speaker;
  setPreferences: (change: Partial<Preferences>) => void;
  newChat: () => void;
  /** Tell a screen reader, and nobody else. */
  announce: (words: string) => void;
}

export const PanelContext = createContext<Panel | null>(null);

export function usePanel(): Panel {
  const panel = useContext(PanelContext);
  if (!panel) throw new Error("expected a PanelContext around this component, found none");
  return panel;
}
