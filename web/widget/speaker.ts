import type { Language, Message } from "../shared/events";
import type { Player } from "./player";

export interface SpeakerState {
  messageId: string | null;
  phase: "idle" | "loading" | "playing" | "paused" | "failed";
}

export const SPEEDS = [1, 1.25, 1.5, 0.8] as const;

/** The player, fetched when something is first to be heard. */
export class Speaker {
  speed = 1;
  #player: Player | null = null;

  constructor(
    private readonly urlOf: (message: Message) => Promise<string>,
    private readonly changed: () => void,
  ) {}

  get state(): SpeakerState {
    return this.#player?.state ?? { messageId: null, phase: "idle" };
  }

  toggle(message: Message, language: Language): void {
    void this.#fetched().then((player) => player.toggle(message, language));
  }

  async play(message: Message, language: Language): Promise<void> {
    await (await this.#fetched()).play(message, language);
  }

  stop(): void {
    this.#player?.stop();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.#player?.setSpeed(speed);
    this.changed();
  }

  async #fetched(): Promise<Player> {
    const { Player: Fetched } = await import("./player");
    this.#player ??= new Fetched(this.urlOf, this.changed);
    this.#player.setSpeed(this.speed);
    return this.#player;
  }
}
