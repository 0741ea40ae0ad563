import { defineConfig } from "vitest/config";

export default defineConfig({
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
  test: {
    projects: [
      {
        extends: true,
        test: { name: "widget", environment: "happy-dom", include: ["shared/**/*.test.{ts,tsx}", "widget/**/*.test.{ts,tsx}"] },
      },
      {
        oxc: { jsx: { runtime: "automatic", importSource: "react" } },
        test: { name: "dashboard", environment: "happy-dom", include: ["dashboard/**/*.test.{ts,tsx}"] },
      },
    ],
  },
});
