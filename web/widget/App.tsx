import type { JSX } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ChatClient, type ChatState } from "../shared/chat";
import type { Language, Message, ServerEvent } from "../shared/events";
import type { SocketLike } from "../shared/link";
import { plainText } from "../shared/markdown";
import { Outbox, type KeyValue } from "../shared/outbox";
import { authorName } from "./author";
import { Banner } from "./Banner";
import { applyColor } from "./color";
import { Composer } from "./Composer";
import { PanelContext, type Panel } from "./context";
import type { Frame, FrameOptions } from "./frame";
import { Header } from "./Header";
import { later } from "./later";
import { Messages } from "./Messages";
import {
  loadDraft,
  loadPreferences,
  PREFERENCES_KEY,
  saveDraft,
  savePreferences,
  saveSeen,
  SEEN_KEY,
  seenSeq,
  type Preferences,
} from "./preferences";
import { fetchConfig, socketUrl, Visitor, type WidgetConfig } from "./service";
import { Speaker } from "./speaker";
import { unreadCount } from "./thread";
import { loadWords, speech as speechOf, type Speech } from "./words";

const Prechat = later(() => import("./Prechat").then((file) => file.Prechat));
const Rating = later(() => import("./Rating").then((file) => file.Rating));

/** An embedding page that has not spoken by then never will. */
const PAGE_ANSWERS_MS = 3_000;

interface Props {
  storage: KeyValue;
  frame: Frame;
  options: FrameOptions;
  /** The words to begin with. */
  first: Speech;
}

export function App({ storage, frame, options, first }: Props): JSX.Element {
  const [preferences, setStored] = useState(() => loadPreferences(storage));
  const [config, setConfig] = useState<WidgetConfig | null>(null);
  const [open, setOpen] = useState(!frame.embedded);
  const [draft, setDraft] = useState(() => loadDraft(storage));
  const [greeting, setGreeting] = useState("");
  const [, setTold] = useState(false);
  const [announcement, setAnnouncement] = useState("");
  /** The end of the chat (its `seq`) after which the customer wants to go on. */
  const [goneOn, setGoneOn] = useState(-1);
  const [quoted, setQuoted] = useState<Message | null>(null);
  const [takenBack, setTakenBack] = useState<ReadonlyMap<string, string>>(new Map());
  const [, redraw] = useState(0);
  const [seenElsewhere, setSeenElsewhere] = useState(0);
  const [speech, setSpeech] = useState(first);
  const { language } = speech;

  const { chat, visitor } = useMemo(() => build(storage, frame, options, preferences, language), []);
  const speaker = useMemo(() => {
    const urlOf = (message: Message): string | Promise<string> => message.voice_url ?? visitor.voice(message.id);
    return new Speaker(async (message) => urlOf(message), () => redraw((count) => count + 1));
  }, []);
  const [known, setState] = useState<ChatState>(chat.state);
  const state: ChatState = options.preview ? { ...known, link: "online" } : known;

  const heard = useRef(0);
  const live = useRef({ open, preferences, speech });
  live.current = { open, preferences, speech };

  useEffect(() => {
    speaker.setSpeed(preferences.speed);
    const stopListening = chat.subscribe(() => setState(chat.state));
    const stopHearing = chat.onEvent((event) => onEvent(event));
    if (!options.preview) void fetchConfig().then(setConfig, () => undefined); // we have words of our own
    return () => {
      stopListening();
      stopHearing();
      chat.stop();
      speaker.stop();
    };
  }, []);

  const onEvent = (event: ServerEvent): void => {
    const { open: shown, preferences: chosen, speech: spoken } = live.current;
    if (event.type === "voice_ready" && chosen.autoplay && shown) {
      const message = chat.state.messages.find(({ id }) => id === event.message_id);
      if (message) void speaker.play(message, spoken.language);
    }
    if (event.type === "welcome") heard.current = 0;
    if (event.type !== "message") return;
    const { message } = event;
    if (message.seq <= heard.current) return; // told before: only changed
    heard.current = message.seq;
    const fromPeer = message.author.type === "bot" || message.author.type === "agent";
    // History that comes with a resume is not news.
    if (!fromPeer || Date.now() - new Date(message.created_at).getTime() > 60_000) return;
    setAnnouncement(spoken.t("says", { name: authorName(message.author, spoken), text: plainText(message.content.text) }));
    if (chosen.sound && (!shown || document.hidden)) void import("./sound").then(({ ring }) => ring(storage, message));
    if (chosen.autoplay && shown && message.voice_url) void speaker.play(message, spoken.language);
  };

  useEffect(() => {
    const elsewhere = ({ key }: StorageEvent): void => {
      if (key === SEEN_KEY) setSeenElsewhere((count) => count + 1);
      if (key !== PREFERENCES_KEY) return;
      const next = loadPreferences(storage);
      if (next.language !== live.current.preferences.language) speak(next.language);
      setStored(next);
    };
    window.addEventListener("storage", elsewhere);
    return () => window.removeEventListener("storage", elsewhere);
  }, []);

  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    chat.setLanguage(language);
  }, [language]);
  useEffect(() => applyColor(document.documentElement, options.color ?? config?.color ?? null), [config]);

  // The page tells when the panel is opened and closed; we tell the page what is unread.
  useEffect(() => {
    let begun = options.preview;
    const begin = (): void => {
      if (!begun) chat.start();
      begun = true;
    };
    frame.listen((message) => {
      if (message.type === "preview") return setConfig(message.config);
      if (message.type === "identity") {
        // Another customer sits here now: the panel begins anew, and is told again who it is.
        if (visitor.identify(message.who) && begun) return location.reload();
        return begin();
      }
      setOpen(message.type === "opened");
      setGreeting(message.greeting ?? "");
      if (message.type === "opened") document.getElementById("composer")?.focus();
      else speaker.stop();
    });
    frame.tell({ lingxi: 1, type: "ready" });
    // Its page says who the customer is before anything is asked of the server.
    const alone = setTimeout(begin, frame.embedded ? PAGE_ANSWERS_MS : 0);
    const escape = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.isComposing) frame.tell({ lingxi: 1, type: "close" });
    };
    const online = (): void => chat.retryNow();
    document.addEventListener("keydown", escape);
    window.addEventListener("online", online);
    document.addEventListener("visibilitychange", online);
    return () => {
      clearTimeout(alone);
      document.removeEventListener("keydown", escape);
      window.removeEventListener("online", online);
      document.removeEventListener("visibilitychange", online);
    };
  }, []);

  const { conversationId, lastSeq, messages } = state;
  useEffect(() => {
    if (conversationId === null) return;
    const markRead = (): void => {
      if (!open || document.hidden) return;
      chat.read(lastSeq);
      saveSeen(storage, conversationId, lastSeq);
      frame.tell({ lingxi: 1, type: "unread", count: 0, title: "" });
    };
    markRead();
    const unread = open ? 0 : unreadCount(messages, seenSeq(storage, conversationId));
    frame.tell({ lingxi: 1, type: "unread", count: unread, title: speech.t("new_messages") });
    document.addEventListener("visibilitychange", markRead);
    return () => document.removeEventListener("visibilitychange", markRead);
  }, [open, lastSeq, conversationId, messages.length, state.link, seenElsewhere]);

  const speak = (wish: Language | null | undefined): void => {
    if (wish) void loadWords(wish).then((words) => setSpeech(speechOf(wish, words)), () => undefined);
  };
  const setPreferences = (change: Partial<Preferences>): void => {
    const next = { ...preferences, ...change };
    setStored(next);
    savePreferences(storage, next);
    speak(change.language);
    if (change.autoplay !== undefined) {
      chat.setVoice(change.autoplay);
      if (!change.autoplay) speaker.stop();
    }
  };
  const write = (text: string): void => {
    setDraft(text);
    saveDraft(storage, text);
  };
  const panel: Panel = {
    chat,
    state,
    speech,
    config,
    preferences,
    preview: options.preview,
    greeting,
    speaker,
    visitor,
    quoted,
    setQuoted: (message) => {
      setQuoted(message);
      document.getElementById("composer")?.focus();
    },
    takeBack: ({ id, content }) => setTakenBack(new Map([...takenBack, [id, content.text]])),
    takenBack,
    write,
    setPreferences,
    newChat: () => setGoneOn(state.lastSeq),
    announce: setAnnouncement,
  };
  const silent = messages.length === 0 && state.outgoing.length === 0;
  const questions = config?.prechat?.questions.filter(({ key }) => !visitor.knows(key)) ?? [];
  const asks = silent && questions.length > 0 && !visitor.told && state.link !== "connecting";
  return (
    <PanelContext.Provider value={panel}>
      <main class="panel">
        <Header onClose={frame.embedded ? () => frame.tell({ lingxi: 1, type: "close" }) : null} />
        <Banner />
        <Messages asks={asks} />
        {asks ? (
          <Prechat done={() => setTold(true)} />
        ) : state.owner === "closed" && goneOn !== lastSeq ? (
          <Rating />
        ) : (
          <Composer draft={draft} onDraft={write} />
        )}
        <div class="hidden" aria-live="polite">
          {announcement}
        </div>
      </main>
    </PanelContext.Provider>
  );
}

function build(storage: KeyValue, frame: Frame, options: FrameOptions, preferences: Preferences, language: Language) {
  const visitor = new Visitor(storage, (code) => frame.tell({ lingxi: 1, type: "identity_refused", code }));
  const chat = new ChatClient({
    connect: () => new WebSocket(socketUrl(location)) as SocketLike,
    session: (renew) => visitor.session(renew, language, options.pageUrl),
    outbox: new Outbox(storage),
    language,
    voice: preferences.autoplay,
    pageUrl: options.pageUrl,
  });
  return { chat, visitor };
}
