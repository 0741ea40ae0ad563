import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import { resolve } from "../shared/address";
import type { WireCard, WireCitation } from "../shared/events";
import "./cards.css";
import { usePanel } from "./context";
import { LaterIcon } from "./more-icons";
import { Buttons, OutsideLink, Picture } from "./Rich";

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
            <LaterIcon name="left" />
          </button>
          <button class="round" type="button" aria-label={speech.t("next")} onClick={() => slide(1)}>
            <LaterIcon name="right" />
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
