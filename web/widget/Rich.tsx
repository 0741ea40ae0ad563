import type { JSX } from "preact";
import { isOurs, resolve } from "../shared/address";
import type { WireButton } from "../shared/events";
import { usePanel } from "./context";

export function Buttons({ buttons }: { buttons: readonly WireButton[] }): JSX.Element {
  const { chat } = usePanel();
  return (
    <div class="buttons">
      {buttons.map(({ title, payload }) => (
        <button type="button" dir="auto" onClick={() => chat.send({ text: title, payload })}>
          {title}
        </button>
      ))}
    </div>
  );
}

/** A picture of our own server is shown; one from elsewhere is a link, so that nobody is tracked. */
export function Picture({ url, alt }: { url: string; alt: string }): JSX.Element | null {
  const { speech } = usePanel();
  const address = resolve(url);
  if (!address) return null;
  if (isOurs(address)) {
    return <img src={address} alt={alt} loading="lazy" referrerpolicy="no-referrer" onError={({ currentTarget }) => currentTarget.remove()} />;
  }
  return <OutsideLink href={address} words={speech.t("picture")} />;
}

export function OutsideLink({ href, words }: { href: string; words: string }): JSX.Element | null {
  const address = resolve(href);
  if (!address) return null;
  return (
    <a class="outside" href={address} target="_blank" rel="noopener noreferrer nofollow">
      {words}
    </a>
  );
}
