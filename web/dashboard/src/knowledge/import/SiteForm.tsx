import { Button, Textarea } from "@mantine/core";
import { IconWorldDownload } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useI18n } from "../../i18n";
import css from "./import.module.css";
import { type SitePages, sitePages } from "./source";

/** Pages of the owner's site, by address, or all that its sitemap lists. */
export function SiteForm({ onSite }: { onSite: (site: SitePages) => void }) {
  const { t } = useI18n();
  const [text, setText] = useState("");
  const site = sitePages(text);
  const ready = site.urls.length > 0 || site.sitemap !== null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onSite(site);
  };
  return (
    <section className={css.templates} aria-label={t("site.title")}>
      <h2>{t("site.title")}</h2>
      <p>{t("site.hint")}</p>
      <form className={css.site} onSubmit={submit}>
        <Textarea
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          placeholder={"https://…/help\nhttps://…/sitemap.xml"}
          aria-label={t("site.addresses")}
          autosize
          minRows={2}
          maxRows={8}
          spellCheck={false}
        />
        <Button type="submit" variant="light" leftSection={<IconWorldDownload size={17} />} disabled={!ready}>
          {t("site.read")}
        </Button>
      </form>
    </section>
  );
}
