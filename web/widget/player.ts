import type { Language, Message } from "../shared/events";
import { plainText } from "../shared/markdown";
import type { SpeakerState } from "./speaker";

/** Reads one message at a time aloud: with the server's voice, else with the browser's own. */
export class Player {
  state: SpeakerState = { messageId: null, phase: "idle" };
  speed = 1;
  #audio: HTMLAudioElement | null = null;
  /** Counts requests, so that a slow answer to an earlier one is dropped. */
  #turn = 0;

  constructor(
    private readonly urlOf: (message: Message) => Promise<string>,
    private readonly changed: () => void,
  ) {}

  toggle(message: Message, language: Language): void {
    if (this.state.messageId === message.id && this.#audio) {
      if (this.state.phase === "playing") return this.#audio.pause();
      if (this.state.phase === "paused") return void this.#resume(this.#audio);
    }
    if (this.state.messageId === message.id && this.state.phase === "playing") return this.stop();
    void this.play(message, language);
  }

  async play(message: Message, language: Language): Promise<void> {
    this.stop();
    const turn = ++this.#turn;
    this.#set(message.id, "loading");
    try {
      const url = await this.urlOf(message);
      if (turn !== this.#turn) return;
      await this.#playUrl(url, message.id, turn);
    } catch {
      if (turn === this.#turn) this.#playBrowserVoice(message, language, turn);
    }
  }

  stop(): void {
    this.#turn++;
    if (this.#audio) {
      this.#audio.onpause = this.#audio.onplay = this.#audio.onended = this.#audio.onerror = null;
      this.#audio.pause();
      this.#audio = null;
    }
    window.speechSynthesis?.cancel();
    if (this.state.phase !== "idle") this.#set(null, "idle");
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    if (this.#audio) this.#audio.playbackRate = speed;
    this.changed();
  }

  async #playUrl(url: string, messageId: string, turn: number): Promise<void> {
    const audio = new Audio(url);
    this.#audio = audio;
    audio.playbackRate = this.speed;
    audio.onplay = () => this.#set(messageId, "playing");
    audio.onpause = () => this.#set(messageId, "paused");
    audio.onended = () => turn === this.#turn && this.stop();
    await audio.play();
  }

  async #resume(audio: HTMLAudioElement): Promise<void> {
    try {
      await audio.play();
    } catch {
      this.stop();
    }
  }

  #playBrowserVoice(message: Message, language: Language, turn: number): void {
    this.#audio = null;
    const synthesis = window.speechSynthesis as SpeechSynthesis | undefined;
    if (!synthesis || synthesis.getVoices().length === 0) return this.#set(message.id, "failed");
    const words = new SpeechSynthesisUtterance(plainText(message.content.text));
    words.lang = (message.content.language ?? language) === "zh" ? "zh-CN" : "en-US";
    words.rate = this.speed;
    words.onstart = () => turn === this.#turn && this.#set(message.id, "playing");
    words.onend = () => turn === this.#turn && this.stop();
    words.onerror = () => turn === this.#turn && this.#set(message.id, "failed");
    synthesis.speak(words);
  }

  #set(messageId: string | null, phase: SpeakerState["phase"]): void {
    this.state = { messageId, phase };
    this.changed();
  }
}
