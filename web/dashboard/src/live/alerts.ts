/** A short two-note chime, made on the spot: nothing to download. */
export function chime(context: AudioContext): void {
  const start = context.currentTime;
  for (const [index, hertz] of [660, 880].entries()) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = start + index * 0.14;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, at);
    volume.gain.linearRampToValueAtTime(0.12, at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + 0.4);
  }
}

export interface AlertWords {
  title: string;
  body: string;
  tag: string;
}

/** Sound, desktop notification and title, each only where the agent wants and the browser allows. */
export class Alerts {
  #context: AudioContext | null = null;
  sound = true;

  constructor(private readonly onOpen: (tag: string) => void) {}

  ring(words: AlertWords): void {
    if (this.sound) this.#play();
    const unseen = document.visibilityState === "hidden" || !document.hasFocus();
    if (unseen && typeof Notification !== "undefined" && Notification.permission === "granted") {
      const note = new Notification(words.title, { body: words.body, tag: words.tag });
      note.onclick = () => {
        window.focus();
        this.onOpen(words.tag);
        note.close();
      };
    }
  }

  #play(): void {
    // Browsers refuse sound before the first click; then the context stays suspended.
    this.#context ??= new AudioContext();
    if (this.#context.state === "suspended") void this.#context.resume();
    chime(this.#context);
  }
}
