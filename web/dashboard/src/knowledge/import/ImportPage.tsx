import { Button, Loader } from "@mantine/core";
import { IconFileDownload, IconLock } from "@tabler/icons-react";
import { useI18n } from "../../i18n";
import { Failure } from "../../shell/Failure";
import { Column, Frame } from "../../shell/Frame";
import { isSupervisor, useMe } from "../../shell/session";
import { Blocked } from "../editor/Blocked";
import { Note } from "../Note";
import { LANGUAGES } from "../types";
import { DropZone } from "./DropZone";
import { ImportProgress } from "./ImportProgress";
import css from "./import.module.css";
import { SiteForm } from "./SiteForm";
import { Planned } from "./Planned";
import { TEMPLATE_FORMATS } from "./types";
import { useImport } from "./useImport";

function Templates() {
  const { t, code } = useI18n();
  return (
    <section className={css.templates} aria-label={t("import.templates")}>
      <h2>{t("import.templates")}</h2>
      <p>{t("import.templates_hint")}</p>
      <dl>
        {LANGUAGES.map((language) => (
          <div key={language}>
            <dt>{code("language", language)}</dt>
            <dd>
              {TEMPLATE_FORMATS.map((format) => (
                <a key={format} href={`/api/faq/template?format=${format}&language=${language}`} download>
                  <IconFileDownload size={15} aria-hidden /> {format.toUpperCase()}
                </a>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** From a file or a site to entries that customers get: first what would change, then the change. */
export function ImportPage() {
  const { t } = useI18n();
  const run = useImport();
  const supervisor = isSupervisor(useMe());
  return (
    <Frame title={t("import.title")} back={{ to: "/knowledge", label: t("editor.back") }}>
      <Column>
        {!supervisor ? (
          <Note tone="plain" icon={<IconLock size={20} />} title={t("import.supervisors")}>
            {t("import.supervisors_hint")}
          </Note>
        ) : run.running?.check ? (
          <>
            <Blocked check={run.running.check} />
            <Button mt="md" variant="default" onClick={run.again}>
              {t("import.other_file")}
            </Button>
          </>
        ) : run.running && run.running.state !== "refused" ? (
          <ImportProgress status={run.running} onAgain={run.again} />
        ) : run.planned && !run.reading ? (
          <Planned status={run.planned} publish={run.publish} onPublish={run.setPublish} onBegin={run.begin} starting={run.starting} onAgain={run.again} />
        ) : run.reading ? (
          <div className={css.reading} role="status">
            <Loader />
            <p>{t("import.reading", { file: run.name })}</p>
            {run.pages && <p>{t("site.pages", run.pages)}</p>}
          </div>
        ) : (
          <>
            <DropZone onFile={run.choose} />
            <SiteForm onSite={run.choose} />
            <Templates />
          </>
        )}
        {run.error && <Failure error={run.error} onRetry={run.again} />}
      </Column>
    </Frame>
  );
}
