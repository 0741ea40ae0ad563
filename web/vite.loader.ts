import { defineConfig } from "vite";

// The one script tag: a classic script of a few kilobytes, served as /widget.js.
export default defineConfig({
  root: "widget",
  publicDir: false,
  build: {
    outDir: "../dist",
    emptyOutDir: false,
    target: "es2020",
    lib: { entry: "loader.ts", formats: ["iife"], name: "LingxiLoader", fileName: () => "widget.js" },
  },
});
