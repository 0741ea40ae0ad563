import { Alert, Button, Stack } from "@mantine/core";
import { IconPlugConnectedX } from "@tabler/icons-react";
import { ApiError } from "../api/client";
import { type Translate, useI18n } from "../i18n";

/** What went wrong in words for a person: the server's own, or ours by kind. */
export function wordsOf(error: unknown, t: Translate): string {
  if (error instanceof ApiError) {
    if (error.words) return error.words;
    if (error.status === 403) return t("error.forbidden");
    if (error.status === 404) return t("error.not_found");
    return t("error.server", { status: error.status });
  }
  return t("error.unreachable");
}

export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useI18n();
  return (
    <Alert role="alert" color="red" variant="light" icon={<IconPlugConnectedX />} title={t("error.title")} m="md">
      <Stack gap="xs" align="flex-start">
        {wordsOf(error, t)}
        {onRetry && (
          <Button size="xs" variant="default" onClick={onRetry}>
            {t("action.retry")}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Where a page itself failed: our fault, said so, with a way on. */
export function Broken() {
  const { t } = useI18n();
  return (
    <main style={{ display: "grid", placeItems: "center", height: "100%" }}>
      <Alert role="alert" color="red" variant="light" icon={<IconPlugConnectedX />} title={t("error.title")} maw={440} m="md">
        <Stack gap="xs" align="flex-start">
          {t("error.page")}
          <Button size="xs" variant="default" onClick={() => location.reload()}>
            {t("error.reload")}
          </Button>
        </Stack>
      </Alert>
    </main>
  );
}
