import { safeHref } from "./markdown";

/** The address if it may be followed, else null; one of our own server may lack its origin. */
export function resolve(url: string): string | null {
  return safeHref(/^\/(?!\/)/.test(url) ? location.origin + url : url);
}

/** Of our own server: asking it for a picture tells nobody else who is looking. */
export function isOurs(address: string): boolean {
  return new URL(address).origin === location.origin;
}
