import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The agents' dashboard: a single-page application, served under /dashboard/.
export default defineConfig({
  root: "dashboard",
  base: "/dashboard/",
  plugins: [react()],
  build: { outDir: "../dist/dashboard", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 1500 },
  server: { proxy: { "/api": "http://127.0.0.1:8000", "/ws": { target: "ws://127.0.0.1:8000", ws: true } } },
});
