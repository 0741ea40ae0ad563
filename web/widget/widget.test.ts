import { describe, expect, it } from "vitest";
import { plainContent } from "../shared/content";
import type { Message } from "../shared/events";
import { leftAMessage } from "./Banner";
import { contrastWithWhite } from "./color";
import { Frame, readOptions, type ToFrame } from "./frame";
import { firstToChime } from "./sound";
import { fileName, transcript } from "./transcript";
import { MemoryStorage } from "../shared/outbox";
import { sends, type KeyPress } from "./keys";
import { openButtons, rows, unreadCount } from "./thread";
import { dayLabel } from "./time";
import { chooseLanguage, speech } from "./words";
import en from "./words/en.json";
import moreEn from "./words/more-en.json";
import moreZh from "./words/more-zh.json";
import zh from "./words/zh.json";

const press = (change: Partial<KeyPress> = {}): KeyPress => ({
  key: "Enter", shiftKey: false, ctrlKey: false, altKey: false, metaKey: false, isComposing: false, keyCode: 13, ...change,
});

describe("Enter", () => {
  it("sends", () => expect(sends(press())).toBe(true));
  it("breaks the line with Shift", () => expect(sends(press({ shiftKey: true }))).toBe(false));
  it("belongs to the input method while composing", () => {
    expect(sends(press({ isComposing: true, keyCode: 229 }))).toBe(false);
  });
  it("belongs to it in Safari too, where composition has just ended", () => {
    expect(sends(press({ isComposing: false, keyCode: 229 }))).toBe(false);
  });
});

function message(seq: number, type: Message["author"]["type"], minutes: number, buttons = 0): Message {
  const created_at = new Date(Date.UTC(2026, 10, 24, 3, minutes)).toISOString();
  return {
    id: `m${seq}`, conversation_id: "c", seq, author: { type, id: type, name: "" }, created_at,
    content: plainContent(`t${seq}`, { buttons: Array(buttons).fill({ title: "b", payload: "/b" }) }),
    client_msg_id: null, voice_url: null, feedback: null,
  };
}

describe("a customer whom nobody could take", () => {
  const notice = (seq: number, code: string): Message => {
    const plain = message(seq, "system", 0);
    return { ...plain, content: { ...plain.content, notice: code } };
  };
  it("is told of the kept message, not of a queue", () => {
    expect(leftAMessage([notice(1, "ticket"), message(2, "visitor", 1)])).toBe(true);
  });
  it("stands in the queue again once a colleague is found", () => {
    expect(leftAMessage([notice(1, "ticket"), notice(2, "queued")])).toBe(false);
    expect(leftAMessage([message(1, "visitor", 0)])).toBe(false);
  });
});

describe("the list", () => {
  it("groups one author's messages that are close in time, under a day", () => {
    const list = rows([message(1, "bot", 0), message(2, "bot", 1), message(3, "visitor", 2), message(4, "bot", 3), message(5, "bot", 20)], []);
    const shape = list.map((row) => (row.kind === "message" ? [row.first, row.last] : row.kind));
    expect(shape).toEqual(["day", [true, false], [false, true], [true, true], [true, true], [true, true]]);
  });
  it("offers buttons until they are answered", () => {
    const asked = [message(1, "bot", 0, 2), message(2, "bot", 0)];
    expect(openButtons(asked, [])).toBe("m1");
    expect(openButtons([...asked, message(3, "visitor", 1)], [])).toBeNull();
  });
  it("puts a refused message where it was written, others at the end", () => {
    const at = Date.UTC(2026, 10, 24, 3, 1);
    const refused = { code: "bad_text", words: "", retryAt: null };
    const outgoing = [
      { clientMsgId: "refused1", content: { text: "x" }, at, refused },
      { clientMsgId: "waiting1", content: { text: "y" }, at: at + 1 },
    ];
    const list = rows([message(1, "bot", 0), message(2, "bot", 2)], outgoing);
    expect(list.map(({ key }) => key)).toEqual(["day-m1", "m1", "refused1", "m2", "waiting1"]);
  });
  it("counts what others wrote since it was last seen", () => {
    expect(unreadCount([message(1, "bot", 0), message(2, "visitor", 0), message(3, "agent", 0), message(4, "system", 0)], 1)).toBe(1);
  });
});

describe("words", () => {
  const keys = (value: object, path = ""): string[] =>
    Object.entries(value).flatMap(([key, inner]) =>
      typeof inner === "object" && inner !== null ? keys(inner, `${path}${key}.`) : [`${path}${key}`],
    );
  const holes = (text: unknown): string[] => [...String(text).matchAll(/\{\w+\}/g)].map(String).sort();
  it("are complete in both languages, with the same holes", () => {
    const [inChinese, inEnglish] = [{ ...zh, ...moreZh }, { ...en, ...moreEn }];
    expect(keys(inChinese).sort()).toEqual(keys(inEnglish).sort());
    for (const [key, text] of Object.entries(inEnglish)) {
      if (typeof text === "string") expect(holes(inChinese[key as "title"]), key).toEqual(holes(text));
    }
  });
  it("are filled", () => expect(speech("en", en).t("queue", { position: 2 })).toBe("You are number 2 in the queue"));
  it("follow the first wish that names one of our languages", () => {
    expect(chooseLanguage(null, "fr", "zh-TW")).toBe("zh");
    expect(chooseLanguage("en", "zh")).toBe("en");
    expect(chooseLanguage("de")).toBe("en");
  });
  it("name days as people do", () => {
    const now = new Date(2026, 10, 24, 0, 10);
    expect(dayLabel(new Date(2026, 10, 24, 0, 1), now, speech("zh", zh))).toBe("今天");
    expect(dayLabel(new Date(2026, 10, 23, 23, 59), now, speech("zh", zh))).toBe("昨天");
  });
});

describe("what is taken along", () => {
  const words = speech("en", { ...en, ...moreEn });
  it("holds files and cards, and of what was taken back nothing but that", () => {
    const [asked, bot, gone] = [message(1, "visitor", 0), message(2, "bot", 1), message(3, "visitor", 2)];
    const { content } = asked;
    asked.content = { ...content, text: "2 * 3 * 4", files: [{ name: "a.png" } as Message["content"]["files"][number]] };
    bot.content = { ...content, text: "", cards: [{ title: "Kettle", subtitle: "239", image_url: null, buttons: [] }] };
    gone.content = { ...content, text: "", recalled: true };
    const text = transcript([asked, bot, gone], "Shop", words);
    expect(text).toContain("You\n2 * 3 * 4\n[a.png]\n");
    expect(text).toContain("Kettle · 239");
    expect(text).toContain(en.recalled_own);
  });
  it("is named after the customer's own day", () => {
    expect(fileName(new Date(2026, 0, 5, 0, 1))).toBe("chat-2026-01-05.txt");
  });
});

it("rings in one of several tabs", () => {
  const storage = new MemoryStorage();
  expect([firstToChime(storage, "m1"), firstToChime(storage, "m1"), firstToChime(storage, "m2")]).toEqual([true, false, true]);
});

describe("the frame", () => {
  it("hears its own page only", () => {
    const heard: ToFrame[] = [];
    new Frame("https://shop.example").listen((event) => heard.push(event));
    const data = { lingxi: 1, type: "opened" };
    const hear = (origin: string, source: Window | null): boolean =>
      window.dispatchEvent(new MessageEvent("message", { data, origin, source }));
    hear("https://evil.example", window.parent);
    hear("https://shop.example", null);
    expect(heard).toEqual([]);
    hear("https://shop.example", window.parent);
    expect(heard).toEqual([data]);
  });
  it("has no host when it is not embedded", () => {
    expect(readOptions("#host=https%3A%2F%2Fa.example&color=%23fff", false)).toMatchObject({ host: null, color: "#fff" });
  });
});

it("knows white text's contrast", () => {
  expect(contrastWithWhite([0, 0, 0])).toBeCloseTo(21);
  expect(contrastWithWhite([255, 255, 255])).toBeCloseTo(1);
});
