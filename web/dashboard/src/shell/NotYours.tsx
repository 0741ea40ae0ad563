import { Button } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import { Frame } from "./Frame";
import css from "./frame.module.css";

/** A page that this agent's role does not open: said so, and the way back. */
export function NotYours({ title }: { title: string }) {
  const { t } = useI18n();
  return (
    <Frame title={title}>
      <div className={css.locked}>
        <IconLock size={40} stroke={1.4} aria-hidden />
        <h2>{t("nav.not_yours")}</h2>
        <p>{t("nav.not_yours_hint")}</p>
        <Button component={Link} to="/inbox" variant="default">
          {t("nav.to_inbox")}
        </Button>
      </div>
    </Frame>
  );
}
