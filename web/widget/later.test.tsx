import { options, render, type FunctionComponent } from "preact";
import { act } from "preact/test-utils";
import { describe, expect, it } from "vitest";
import { PanelContext, type Panel } from "./context";
import { later } from "./later";

describe("a part that is fetched when first shown", () => {
  it("shows in every place, also where it arrived between the drawing and its effects", async () => {
    let arrive: (part: FunctionComponent) => void = () => undefined;
    const Part = later(() => new Promise<FunctionComponent>((done) => (arrive = done)));
    const panel = { speech: { more: async () => undefined } } as unknown as Panel;
    const draw = (places: number): void => {
      const parts = Array.from({ length: places }, (_, place) => <Part key={place} />);
      render(<PanelContext.Provider value={panel}>{parts}</PanelContext.Provider>, document.body);
    };
    await act(() => draw(1)); // its effects have run: the part is on its way
    const held: (() => void)[] = [];
    const { requestAnimationFrame } = options;
    options.requestAnimationFrame = (effects) => held.push(effects);
    draw(2);
    Object.assign(options, { requestAnimationFrame });
    arrive(() => <b>part</b>);
    await new Promise((done) => setTimeout(done));
    await act(() => held.forEach((effects) => effects()));
    arrive(() => <b>part</b>);
    await act(() => new Promise((done) => setTimeout(done)));
    expect(document.body.textContent).toBe("partpart");
  });
});
