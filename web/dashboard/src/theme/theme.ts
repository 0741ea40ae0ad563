import { createTheme, type MantineColorsTuple } from "@mantine/core";

/** Violet-blue of the product; [6] carries white text at 5.9:1, [4] dark text in the dark theme. */
const iris: MantineColorsTuple = [
  "#f2f1fe",
  "#e4e2fb",
  "#c9c5f6",
  "#aba4f0",
  "#938aec",
  "#7a6fe0",
  "#5b50cc",
  "#4d43b0",
  "#3f378f",
  "#2e2a66",
];

/** Mantine's dark greys, tinted like the product's surfaces. */
const dark: MantineColorsTuple = [
  "#ecebf4",
  "#c9c7d8",
  "#a5a3b8",
  "#7b798f",
  "#3d3b50",
  "#2f2d40",
  "#232231",
  "#1a1926",
  "#13121c",
  "#0e0d18",
];

/** Where menus, windows and tips are drawn: a landmark, which nothing on the page lies outside of. */
export const OVERLAYS = "overlays";

export const theme = createTheme({
  primaryColor: "iris",
  primaryShade: { light: 6, dark: 6 },
  colors: { iris, dark },
  defaultRadius: "md",
  cursorType: "pointer",
  fontFamily:
    '"Inter", "SF Pro Text", -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", sans-serif',
  headings: { fontWeight: "650" },
  respectReducedMotion: true,
  components: {
    InputWrapper: { styles: { label: { marginBottom: 4 }, description: { marginBottom: 4 } } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: true } },
    // Its focusable placeholder is no item of a menu, which screen readers stumble over.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    Portal: { defaultProps: { target: `#${OVERLAYS}` } },
    Notification: { defaultProps: { withCloseButton: false } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
  },
});
