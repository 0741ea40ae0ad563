import type { KeyboardEvent, ReactNode } from "react";
import css from "./thread.module.css";

export interface Choice {
  key: string;
  content: ReactNode;
  pick: () => void;
}

interface Props {
  id: string;
  label: string;
  choices: readonly Choice[];
  active: number;
  none: string;
  footer?: ReactNode;
}

/** What may be put into the text being written; the keys stay with the text box. */
export function Choices({ id, label, choices, active, none, footer }: Props) {
  return (
    <div className={css.canned}>
      <div role="listbox" id={id} aria-label={label}>
        {choices.map((choice, index) => (
          <div
            key={choice.key}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            className={css.cannedOption}
            onMouseDown={(event) => {
              event.preventDefault();
              choice.pick();
            }}
          >
            {choice.content}
          </div>
        ))}
        {choices.length === 0 && (
          <div className={css.cannedNone} role="option" aria-selected={false} aria-disabled>
            {none}
          </div>
        )}
      </div>
      {footer}
    </div>
  );
}

/** True when the key moved in or took from the list. */
export function onChoiceKey(
  event: KeyboardEvent,
  choices: readonly Choice[],
  active: number,
  move: (to: number) => void,
  dismiss: () => void,
): boolean {
  const chosen = choices[active];
  const count = Math.max(1, choices.length);
  if (event.key === "Escape") dismiss();
  else if (event.key === "ArrowDown") move((active + 1) % count);
  else if (event.key === "ArrowUp") move((active - 1 + count) % count);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen) chosen.pick();
  else return false;
  event.preventDefault();
  event.stopPropagation();
  return true;
}
