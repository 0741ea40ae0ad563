export interface KeyPress {
  key: string;
  shiftKey: boolean;
  ctrlKey: boolean;
  altKey: boolean;
  metaKey: boolean;
  isComposing: boolean;
  keyCode: number;
}

/**
 * Whether this key press sends the message.
 *
 * Enter that picks a candidate of an input method belongs to the input method: Chrome and Firefox
 * mark it `isComposing`, Safari sends key code 229 just after the composition has ended.
 */
export function sends(press: KeyPress): boolean {
  if (press.key !== "Enter" || press.isComposing || press.keyCode === 229) return false;
  return !press.shiftKey && !press.altKey;
}
