import { expect, test } from "vitest";
import { sitePages } from "./source";

test("what is pasted becomes pages, each once, and a sitemap", () => {
  expect(sitePages("https://a.example/help\n a.example/faq，https://a.example/help ")).toEqual({
    urls: ["https://a.example/help", "https://a.example/faq"],
    sitemap: null,
  });
  expect(sitePages("a.example/sitemap.xml?x=1")).toEqual({ urls: [], sitemap: "https://a.example/sitemap.xml?x=1" });
  expect(sitePages("  ")).toEqual({ urls: [], sitemap: null });
});
