import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ChatClient, ChatState } from "../shared/chat";
import type { Message } from "../shared/events";
import type { Preferences } from "./preferences";
import type { Visitor, WidgetConfig } from "./service";
import type { Speaker } from "./speaker";
import type { Speech } from "./words";

/** What every part of the panel may use. */
export interface Panel {
  chat: ChatClient;
  state: ChatState;
  speech: Speech;
  config: WidgetConfig | null;
  preferences: Preferences;
  /** Shown to the owner: nobody is connected. */
  preview: boolean;
  /** What the launcher proposed, and the customer came for. */
  greeting: string;
  speaker: Speaker;
  visitor: Visitor;
  /** The message that the next one will answer. */
  quoted: Message | null;
  setQuoted: (message: Message | null) => void;
  /** We have taken it back: its words may be written anew. */
  takeBack: (message: Message) => void;
  takenBack: ReadonlyMap<string, string>;
  write: (text: string) => void;
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
