import { defineConfig } from "vite";

// The iframe app: one script, one style sheet, served under /widget/.
export default defineConfig({
  root: "widget",
  base: "/widget/",
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  build: {
    outDir: "../dist/widget",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    manifest: true,
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        entryFileNames: "app-[hash].js",
        chunkFileNames: ({ name }) => (/^(more-)?(zh|en)$/.test(name) ? "words-[name]-[hash].js" : "[name]-[hash].js"),
         assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
