import { defineConfig } from "vite";

// The demo shop page: index.html is served at /, its assets under /demo/.
export default defineConfig({
  root: "demo",
  base: "/demo/",
  build: { outDir: "../dist/demo", emptyOutDir: true, target: "es2022", modulePreload: false, assetsInlineLimit: 0 },
});
