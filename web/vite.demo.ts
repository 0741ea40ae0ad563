import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** Writes the Chinese words into the page, so that it reads before its script has run. */
function words(): Plugin {
  const file = new URL("./demo/words/zh.json", import.meta.url);
  const zh = JSON.parse(readFileSync(file, "utf-8")) as Record<string, string>;
  return {
    name: "words",
    transformIndexHtml: {
      order: "pre",
      handler: (html) =>
        html.replace(/data-t="(\w+)"([^>]*)></g, (_, key: string, rest: string) => `data-t="${key}"${rest}>${zh[key] ?? ""}<`),
    },
  };
}

// The demo shop page: index.html is served at /, its assets under /demo/.
export default defineConfig({
  root: "demo",
  base: "/demo/",
  plugins: [words()],
  build: { outDir: "../dist/demo", emptyOutDir: true, target: "es2022", modulePreload: false, assetsInlineLimit: 0 },
});
