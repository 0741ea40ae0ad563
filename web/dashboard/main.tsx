import "@mantine/core/styles.css";
import "@mantine/spotlight/styles.css";
import "@mantine/notifications/styles.css";
import "./src/theme/tokens.css";
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "./src/api/client";
import { I18nProvider, useI18n } from "./src/i18n";
import { App } from "./src/shell/App";
import { OVERLAYS, theme } from "./src/theme/theme";

/** A refusal stays a refusal; only a missing or stumbling server is asked again. */
function worthRetrying(failures: number, error: Error): boolean {
  return failures < 2 && !(error instanceof ApiError && error.status < 500);
}

const queries = new QueryClient({
  defaultOptions: { queries: { retry: worthRetrying, staleTime: 10_000 } },
});
queries.getQueryCache().subscribe(({ query }) => {
  const error = query.state.error;
  if (error instanceof ApiError && error.status === 401) queries.setQueryData(["me"], null);
});

function Overlays() {
  const { t } = useI18n();
  return <section id={OVERLAYS} aria-label={t("nav.overlays")} />;
}

const root = document.getElementById("root");
if (root) {
  createRoot(root).render(
    <StrictMode>
      <MantineProvider theme={theme} defaultColorScheme="auto">
        <QueryClientProvider client={queries}>
          <I18nProvider>
            <Overlays />
            <Notifications position="bottom-left" className="lx-toasts" />
            <App />
          </I18nProvider>
        </QueryClientProvider>
      </MantineProvider>
    </StrictMode>,
  );
}
