let context: AudioContext | null = null;

/** Two soft notes. Browsers allow sound only after the customer has touched the page: else silent. */
export function chime(): void {
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume().catch(() => undefined);
    note(context, 880, 0);
    note(context, 1174.7, 0.11);
  } catch {
    context = null; // no audio device: the badge and the title still tell
  }
}

function note(audio: AudioContext, hertz: number, afterS: number): void {
  const at = audio.currentTime + afterS;
  const tone = audio.createOscillator();
  const gain = audio.createGain();
  tone.frequency.value = hertz;
  gain.gain.setValueAtTime(0, at);
  gain.gain.linearRampToValueAtTime(0.06, at + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0005, at + 0.4);
  tone.connect(gain).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.42);
}
