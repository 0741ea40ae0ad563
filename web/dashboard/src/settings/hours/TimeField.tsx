import { useEffect, useState } from "react";
import { readTime } from "./week";

interface Props {
  label: string;
  value: string;
  wrong: boolean;
  onChange: (time: string) => void;
}

/** A time of day, of 24 hours in every language: a browser's own field shows them as its own locale does. */
export function TimeField({ label, value, wrong, onChange }: Props) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const settle = () => {
    const time = readTime(text) ?? value; // what is no time leaves the one that was there
    setText(time);
    if (time !== value) onChange(time);
  };
  return (
    <input
      inputMode="numeric"
      autoComplete="off"
      maxLength={5}
      placeholder="09:00"
      aria-label={label}
      aria-invalid={wrong}
      value={text}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={settle}
      onKeyDown={(event) => {
        if (event.key === "Enter") settle();
      }}
    />
  );
}
