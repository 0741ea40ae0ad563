import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { safeHref } from "../shared/markdown";
import type { WireButton, WireCard, WireCitation } from "../shared/events";
import { usePanel } from "./context";
import { Icon } from "./icons";

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
  if (new URL(address).origin === location.origin) {
    return <img src={address} alt={alt} loading="lazy" referrerpolicy="no-referrer" />;
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

/** An address of our own server may be written without its origin. */
function resolve(url: string): string | null {
  return safeHref(/^\/(?!\/)/.test(url) ? location.origin + url : url);
}

export function Cards({ cards }: { cards: readonly WireCard[] }): JSX.Element {
  const { speech } = usePanel();
  const strip = useRef<HTMLUListElement>(null);
  const slide = (by: number): void => {
    const list = strip.current;
    list?.scrollBy({ left: by * list.clientWidth * 0.8, behavior: "smooth" });
  };
  return (
    <div class="cards">
      <ul ref={strip} tabIndex={0}>
        {cards.map((card) => (
          <li class="card">
            {card.image_url && <Picture url={card.image_url} alt={card.title} />}
            <strong dir="auto">{card.title}</strong>
            {card.subtitle && <p dir="auto">{card.subtitle}</p>}
            {card.buttons.length > 0 && <Buttons buttons={card.buttons} />}
          </li>
        ))}
      </ul>
      {cards.length > 1 && (
        <div class="slide">
          <button class="round" type="button" aria-label={speech.t("previous")} onClick={() => slide(-1)}>
            <Icon name="left" />
          </button>
          <button class="round" type="button" aria-label={speech.t("next")} onClick={() => slide(1)}>
            <Icon name="right" />
          </button>
        </div>
      )}
    </div>
  );
}

export function Citations({ citations }: { citations: readonly WireCitation[] }): JSX.Element {
  const { speech } = usePanel();
  return (
    <details class="sources">
      <summary>
        {speech.t("sources")} · {citations.length}
      </summary>
      <ul>
        {citations.map(({ title, url }) => (
          <li dir="auto">{url && resolve(url) ? <OutsideLink href={url} words={title} /> : title}</li>
        ))}
      </ul>
    </details>
  );
}
