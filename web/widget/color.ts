/** The owner's colour as custom properties; its text is black or white, whichever reads better. */
export function applyColor(root: HTMLElement, color: string | null): void {
  const rgb = color === null ? null : parseHex(color);
  if (!rgb || color === null) return;
  root.style.setProperty("--brand", color);
  root.style.setProperty("--on-brand", contrastWithWhite(rgb) >= 4.5 ? "#fff" : "#10201a");
}

function parseHex(color: string): [number, number, number] | null {
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color);
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(color);
  const parts = long?.slice(1) ?? short?.slice(1).map((digit) => digit + digit);
  if (!parts) return null;
  const [r = 0, g = 0, b = 0] = parts.map((part) => parseInt(part, 16));
  return [r, g, b];
}

/** WCAG 2 contrast ratio of white text on `rgb`. */
export function contrastWithWhite(rgb: [number, number, number]): number {
  const [r, g, b] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 1.05 / (0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05);
}
