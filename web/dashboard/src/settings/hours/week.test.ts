import { expect, test } from "vitest";
import { isWrong, parseWeek, readTime, writeWeek } from "./week";

test("office hours are read by weekday and written as short as they can be", () => {
  const text = "Mo-Fr 09:00-12:00; Mo-Fr 13:00-18:00; Sa 10:00-14:00";
  const week = parseWeek(text);
  expect(week?.[4]).toEqual([{ start: "09:00", end: "12:00" }, { start: "13:00", end: "18:00" }]);
  expect(week?.[6]).toEqual([]);
  expect(writeWeek(week ?? [])).toBe(text);
  expect(writeWeek(parseWeek("Sa-Mo 10:00-24:00") ?? [])).toBe("Mo 10:00-24:00; Sa-Su 10:00-24:00");
  expect(parseWeek("weekdays, mostly")).toBeNull();
  expect(parseWeek("")).toEqual([[], [], [], [], [], [], []]);
});

test("hours that end before they begin or overlap are wrong", () => {
  expect(isWrong([{ start: "09:00", end: "18:00" }])).toBe(false);
  expect(isWrong([{ start: "09:00", end: "09:00" }])).toBe(true);
  expect(isWrong([{ start: "13:00", end: "18:00" }, { start: "09:00", end: "14:00" }])).toBe(true);
});

test("a time is read as people type it", () => {
  expect(["9", "930", "9:30", "9：30", "1730", "24", "24:00"].map(readTime)).toEqual(["09:00", "09:30", "09:30", "09:30", "17:30", "24:00", "24:00"]);
  expect(["", "25", "24:01", "9:60", "9 am", "noon"].map(readTime)).toEqual([null, null, null, null, null, null]);
});
