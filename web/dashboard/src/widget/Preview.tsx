import { IconMessageCircle } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import type { WidgetSettings } from "./types";
import css from "./widget.module.css";

const WAIT_MS = 250;

/** The real widget in a frame, told what is not saved yet; it is connected to nobody. */
export function Preview({ settings }: { settings: WidgetSettings }) {
  const { t, language } = useI18n();
  const frame = useRef<HTMLIFrameElement>(null);
  const [ready, setReady] = useState(0);
  useEffect(() => {
    const heard = ({ origin, source, data }: MessageEvent<{ lingxi?: number; type?: string } | null>) => {
      if (origin !== location.origin || source !== frame.current?.contentWindow) return;
      if (data?.lingxi === 1 && data.type === "ready") setReady((count) => count + 1);
    };
    window.addEventListener("message", heard);
    return () => window.removeEventListener("message", heard);
  }, []);
  useEffect(() => {
    if (ready === 0) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      api("/api/widget/preview", { body: settings, signal: stop.signal }).then(
        (config) => frame.current?.contentWindow?.postMessage({ lingxi: 1, type: "preview", config }, location.origin),
        () => undefined, // half-written settings: the last good ones stay
      );
    }, WAIT_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [settings, ready]);
  const options = new URLSearchParams({ host: location.origin, preview: "1", language });
  return (
    <aside className={css.preview} aria-label={t("widget.preview")}>
      <iframe key={language} ref={frame} title={t("widget.preview")} src={`/widget/#${options}`} />
      <span className={css.launcher} data-position={settings.position} style={{ background: settings.color }} aria-hidden>
        <IconMessageCircle size={26} stroke={1.8} />
      </span>
    </aside>
  );
}
