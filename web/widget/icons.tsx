import type { JSX } from "preact";

/** Line drawings on a 24 unit grid, drawn for this widget: those that everybody sees. */
const PATHS = {
  close: "M6 6l12 12M18 6L6 18",
  down: "M6 9l6 6 6-6",
  more: "M12 5.5v.01M12 12v.01M12 18.5v.01",
  send: "M4.5 12h13M12 5.5l6.5 6.5-6.5 6.5",
  stop: "M7 7h10v10H7z",
  human: "M5 13a7 7 0 0 1 14 0M5 13v3.5h2.5V13zM19 13v3.5h-2.5V13zM19 16.5c0 2-2 3-4.5 3",
  sent: "M5 12.5l4.5 4.5L19 7",
  read: "M1 12.5L5.5 17 14 7.5M11 15.5l1.8 1.5L22 7.5",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4.5l3 1.5",
  alert: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v5M12 16v.01",
  clip: "M8 12.5l5.2-5.2a2.8 2.8 0 0 1 4 4L10.5 18a4.6 4.6 0 0 1-6.5-6.5l6.6-6.6",
  mic: "M12 4a3 3 0 0 0-3 3v4.5a3 3 0 0 0 6 0V7a3 3 0 0 0-3-3M5.5 11a6.5 6.5 0 0 0 13 0M12 17.5v3",
} as const;

export function Drawing({ path, fill }: { path: string; fill?: boolean | undefined }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" data-fill={fill ? "" : undefined}>
      <path d={path} />
    </svg>
  );
}

export function Icon({ name, fill }: { name: keyof typeof PATHS; fill?: boolean }): JSX.Element {
  return <Drawing path={PATHS[name]} fill={fill} />;
}

/** Lingxi's mark: two waves that meet, the old words for understanding each other at once. */
export function Mark(): JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M7 13.5c3-4.5 6-4.5 9 0s6 4.5 9 0M7 20c3-4.5 6-4.5 9 0s6 4.5 9 0" />
    </svg>
  );
}
