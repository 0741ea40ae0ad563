/** Once per frame while visible; a hidden tab gets no frames, so by a timer there. */
export function onNextFrame(callback: () => void): void {
  if (document.visibilityState === "visible") requestAnimationFrame(callback);
  else setTimeout(callback, 100);
}

/** Faster than this nobody reads a list. */
const CALM_MS = 120;

export function calmly(callback: () => void): void {
  setTimeout(() => onNextFrame(callback), CALM_MS);
}
