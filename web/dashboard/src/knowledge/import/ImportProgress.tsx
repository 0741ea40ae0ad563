import { Button, Progress, RingProgress } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import css from "./import.module.css";
import type { ImportStatus } from "./types";

/** How far an import is: written, then made searchable; the chat goes on meanwhile. */
export function ImportProgress({ status, onAgain }: { status: ImportStatus; onAgain: () => void }) {
  const { t } = useI18n();
  const share = status.total > 0 ? Math.round((100 * status.done) / status.total) : 100;
  if (status.state === "running") {
    return (
      <div className={css.reading} role="status">
        <h2>{t(`import.phase_${status.phase}`)}</h2>
        <Progress value={share} size="lg" w="min(420px, 100%)" aria-label={t(`import.phase_${status.phase}`)} animated />
        <p>{t("import.done_of", { done: status.done, total: status.total })}</p>
        <p>{t("import.meanwhile")}</p>
      </div>
    );
  }
  const done = status.state === "done";
  return (
    <div className={css.reading} role="status">
      <RingProgress
        size={84}
        thickness={6}
        roundCaps
        sections={[{ value: 100, color: done ? "green" : "red" }]}
        label={<span className={css.ring}>{done ? <IconCheck size={30} aria-hidden /> : <IconX size={30} aria-hidden />}</span>}
      />
      <h2>{t(done ? "import.finished" : "import.failed")}</h2>
      <p>{t(done ? "import.summary" : "import.failed_hint", { create: status.create, update: status.update })}</p>
      <div className={css.choices}>
        <Button variant="default" onClick={onAgain}>
          {t("import.another")}
        </Button>
        <Button component={Link} to="/knowledge">
          {t("import.to_entries")}
        </Button>
      </div>
    </div>
  );
}
