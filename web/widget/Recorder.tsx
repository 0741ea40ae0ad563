import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { usePanel } from "./context";
import { Icon } from "./icons";
import "./recorder.css";
import { refusal, type ErrorBody } from "./service";

const LONGEST_S = 60;
const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];

interface Props {
  /** The words to read and change; null when nothing came of it, with the reason. */
  done: (text: string | null, problem: string | null) => void;
}

/** In place of the field: it listens, and gives back what was said for the customer to read. */
export function Recorder({ done }: Props): JSX.Element {
  const { speech, visitor } = usePanel();
  const { t, language } = speech;
  const [seconds, setSeconds] = useState(0);
  const [phase, setPhase] = useState<"asking" | "listening" | "writing">("asking");
  const recorder = useRef<MediaRecorder | null>(null);
  const meter = useRef<HTMLSpanElement>(null);
  const wanted = useRef(true);

  const finish = (keep: boolean): void => {
    wanted.current = keep;
    const { current } = recorder;
    if (current?.state === "recording") current.stop();
    else if (!keep) done(null, null);
  };
  useEffect(() => {
    const left = { mounted: true, end: () => undefined as void };
    void listen(meter.current).then(
      ({ recording, end }) => {
        left.end = end;
        if (!left.mounted) return end();
        recorder.current = recording;
        const parts: Blob[] = [];
        recording.ondataavailable = ({ data }) => parts.push(data);
        recording.onstop = () => {
          end();
          if (!wanted.current) return done(null, null);
          setPhase("writing");
          void visitor
            .headers()
            .then((headers) => writtenDown(new Blob(parts), headers, language))
            .then(
              (text) => done(text || null, text ? null : t("not_heard")),
              (error: unknown) => done(null, (error as { words?: string }).words || t("error")),
            );
        };
        recording.start();
        setPhase("listening");
      },
      (error: unknown) => done(null, t(reason(error))),
    );
    return () => {
      left.mounted = false;
      wanted.current = false;
      left.end();
    };
  }, []);
  useEffect(() => {
    if (phase !== "listening") return;
    if (seconds >= LONGEST_S) return finish(true);
    const timer = setTimeout(() => setSeconds(seconds + 1), 1000);
    return () => clearTimeout(timer);
  }, [phase, seconds]);

  const words = { asking: t("mic_asking"), listening: t("mic_listening"), writing: t("mic_writing") }[phase];
  return (
    <div class="recorder" data-phase={phase} onKeyDown={(event) => event.key === "Escape" && (event.stopPropagation(), finish(false))}>
      <button type="button" class="clip" aria-label={t("mic_cancel")} title={t("mic_cancel")} onClick={() => finish(false)}>
        <Icon name="close" />
      </button>
      <span class="level" ref={meter} aria-hidden="true" />
      <p role="status">{words}</p>
      <time aria-hidden="true">{`0:${String(seconds).padStart(2, "0")}`}</time>
      <button
        type="button"
        class="send"
        aria-label={t("mic_done")}
        title={t("mic_done")}
        disabled={phase !== "listening"}
        ref={(button) => button?.focus()}
        onClick={() => finish(true)}
      >
        <Icon name="sent" />
      </button>
    </div>
  );
}

/** The microphone, its recorder, and a meter that shows it hears. */
async function listen(meter: HTMLElement | null): Promise<{ recording: MediaRecorder; end: () => void }> {
  if (!navigator.mediaDevices || !window.MediaRecorder) throw new DOMException("", "NotSupportedError");
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, noiseSuppression: true } });
  const mimeType = KINDS.find((kind) => MediaRecorder.isTypeSupported(kind));
  const recording = new MediaRecorder(stream, { audioBitsPerSecond: 32_000, ...(mimeType && { mimeType }) });
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const wave = new Uint8Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getByteTimeDomainData(wave);
    const loudest = wave.reduce((most, value) => Math.max(most, Math.abs(value - 128)), 0);
    meter?.style.setProperty("--level", String(Math.min(1, loudest / 60)));
  }, 80);
  const end = (): void => {
    clearInterval(timer);
    stream.getTracks().forEach((track) => track.stop());
    if (context.state !== "closed") void context.close();
  };
  return { recording, end };
}

async function writtenDown(sound: Blob, headers: Record<string, string>, language: string): Promise<string> {
  const response = await fetch(`/api/visitor/speech?language=${language}`, { method: "POST", headers, body: sound, credentials: "omit" });
  const body = (await response.json().catch(() => null)) as (ErrorBody & { text?: string }) | null;
  if (!response.ok) throw refusal(response.status, body);
  return body?.text ?? "";
}

/** Why there is no microphone, as a person would say it. */
export function reason(error: unknown): "mic_denied" | "mic_missing" | "mic_busy" | "mic_unsupported" {
  switch ((error as { name?: string } | null)?.name) {
    case "NotAllowedError":
    case "SecurityError":
      return "mic_denied";
    case "NotFoundError":
      return "mic_missing";
    case "NotReadableError":
    case "AbortError":
      return "mic_busy";
    default:
      return "mic_unsupported";
  }
}
