import type { FunctionComponent, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { usePanel } from "./context";

const AGAIN_MS = 3_000;

/** A part of the panel that most customers never see: fetched, with its words, when first shown. */
export function later<P extends object>(load: () => Promise<FunctionComponent<P>>): FunctionComponent<P> {
  let part: FunctionComponent<P> | null = null;
  return function Later(props: P): JSX.Element | null {
    const { speech } = usePanel();
    const [, redraw] = useState(false);
    const Part = part;
    useEffect(() => {
      let timer = 0;
      const fetchPart = (): void => {
        Promise.all([load(), speech.more()]).then(
          ([found]) => {
            part = found;
            redraw(true);
          },
          () => (timer = window.setTimeout(fetchPart, AGAIN_MS)), // offline: it is tried again
        );
      };
      // What was drawn counts: another instance may have fetched it since, and told only itself.
      if (!Part) fetchPart();
      return () => clearTimeout(timer);
    }, []);
    return Part && <Part {...props} />;
  };
}
