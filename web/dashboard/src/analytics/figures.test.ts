import { expect, test } from "vitest";
import { delta, HEADLINES, shown, span } from "./figures";

const headline = (name: string) => HEADLINES.find((one) => one.name === name)!;

test("times are told as people would", () => {
  expect(span(45, "en-GB")).toBe("45 secs");
  expect(span(270, "en-GB")).toBe("4.5 mins");
  expect(span(7200, "en-GB")).toBe("2 hrs");
  expect(span(259200, "en-GB")).toBe("3 days");
  expect(shown(null, "seconds", "en-GB")).toBe("–");
  expect(shown(0.6667, "share", "en-GB")).toBe("66.7%");
});

test("shorter waits and more satisfied customers are good news, more conversations are just news", () => {
  expect(delta(headline("waiting"), 30, 60)).toEqual({ by: -0.5, mood: "good" });
  expect(delta(headline("satisfied"), 0.5, 0.75)).toEqual({ by: -0.25, mood: "bad" });
  expect(delta(headline("conversations"), 20, 10)).toEqual({ by: 1, mood: "none" });
});

test("nothing before is no growth without end", () => {
  expect(delta(headline("conversations"), 20, 0)).toBeNull();
  expect(delta(headline("waiting"), null, 60)).toBeNull();
});
