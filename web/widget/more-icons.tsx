import type { JSX } from "preact";
import { Drawing } from "./icons";

/** The drawings of the parts that are fetched when first shown. */
const PATHS = {
  play: "M8 5.5v13l10.5-6.5z",
  pause: "M8.5 6v12M15.5 6v12",
  voice: "M4.5 9.5v5H8l4.5 4v-13L8 9.5zM16 9a4.2 4.2 0 0 1 0 6M18.6 6.5a7.8 7.8 0 0 1 0 11",
  up: "M7.5 11v8.5H4.5V11zM7.5 11l4-7c1.6 0 2.5 1.1 2.1 2.8L13 10h5.4c1 0 1.7.9 1.5 1.9l-1.2 6c-.2.9-.9 1.6-1.8 1.6H7.5",
  dislike: "M16.5 13V4.5h3V13zM16.5 13l-4 7c-1.6 0-2.5-1.1-2.1-2.8L11 14H5.6c-1 0-1.7-.9-1.5-1.9l1.2-6c.2-.9.9-1.6 1.8-1.6h9.4",
  left: "M14.5 6l-6 6 6 6",
  right: "M9.5 6l6 6-6 6",
  globe: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M4 12h16M12 4c5 5 5 11 0 16M12 4c-5 5-5 11 0 16",
  bell: "M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10.5 20.5h3",
  paper: "M6.5 3.5h7l4 4v13h-11zM13.5 3.5v4h4",
  reply: "M10 6l-5.5 5.5L10 17M5 11.5h8.5a6 6 0 0 1 6 6",
  undo: "M5 5.5v5h5M5.6 10a7.2 7.2 0 1 1-.6 5",
  file: "M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 19.5h14",
  star: "M12 3.8l2.5 5.3 5.7.7-4.2 4 1.1 5.7-5.1-2.8-5.1 2.8L8 13.8l-4.2-4 5.7-.7z",
} as const;

export type LaterName = keyof typeof PATHS;

export function LaterIcon({ name, fill }: { name: LaterName; fill?: boolean }): JSX.Element {
  return <Drawing path={PATHS[name]} fill={fill} />;
}
