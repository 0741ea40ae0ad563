import { useMantineColorScheme } from "@mantine/core";
import { Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from "@mantine/spotlight";
import {
  IconInbox,
  IconLanguage,
  IconMessages,
  IconMoon,
  IconSearch,
  IconSun,
  IconUserCheck,
} from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import type { ConversationSummary } from "../../../shared/events";
import { useI18n } from "../i18n";
import { useConversationCommands } from "../inbox/commands";
import { useDeskState } from "../live/context";
import { VIEWS } from "../live/inbox";
import { pagesFor } from "./pages";
import { useAvailability } from "./Rail";
import { useMe } from "./session";

const NOBODY: ReadonlyMap<string, ConversationSummary> = new Map();

/** Customers are listed while it is open alone: else every message would make the list anew. */
function useActions(opened: boolean): SpotlightActionGroupData[] {
  const { t, language, setLanguage } = useI18n();
  const me = useMe();
  const navigate = useNavigate();
  const availability = useAvailability();
  const { setColorScheme } = useMantineColorScheme();
  const rows = useDeskState((state) => (opened ? state.inbox.rows : NOBODY));
  const commands = useConversationCommands();
  const go = (id: string, label: string, to: string, icon: SpotlightActionData["leftSection"]): SpotlightActionData => ({
    id,
    label,
    leftSection: icon,
    onClick: () => void navigate(to),
  });
  const here: SpotlightActionData[] = commands.map((command) => ({
    id: command.id,
    label: t(command.label),
    leftSection: <command.icon size={18} />,
    rightSection: command.keys ? <kbd>{command.keys}</kbd> : undefined,
    onClick: command.run,
  }));
  const pages: SpotlightActionData[] = [
    ...VIEWS.map((view) => go(`view-${view}`, `${t("nav.inbox")} · ${t(`view.${view}`)}`, `/inbox?view=${view}`, <IconInbox size={18} />)),
    ...pagesFor(me).map((page) => go(page.path, t(page.label), page.path, <page.icon size={18} />)),
  ];
  const me_: SpotlightActionData[] = [
    {
      id: "availability",
      label: t(me.available ? "presence.turn_off" : "presence.turn_on"),
      leftSection: <IconUserCheck size={18} />,
      onClick: () => availability.mutate(!me.available),
    },
    { id: "light", label: t("theme.light"), leftSection: <IconSun size={18} />, onClick: () => setColorScheme("light") },
    { id: "dark", label: t("theme.dark"), leftSection: <IconMoon size={18} />, onClick: () => setColorScheme("dark") },
    {
      id: "language",
      label: language === "zh" ? "English" : "中文",
      leftSection: <IconLanguage size={18} />,
      onClick: () => setLanguage(language === "zh" ? "en" : "zh"),
    },
  ];
  const people: SpotlightActionData[] = [...rows.values()].slice(0, 200).map((row) => ({
    id: row.id,
    label: row.visitor_name || t("visitor.anonymous"),
    description: row.last_message,
    leftSection: <IconMessages size={18} />,
    onClick: () => void navigate(`/inbox/${row.id}`),
  }));
  return [
    { group: t("palette.here"), actions: here },
    { group: t("palette.go"), actions: pages },
    { group: t("palette.me"), actions: me_ },
    { group: t("palette.conversations"), actions: people },
  ].filter((group) => group.actions.length > 0);
}

export function Palette() {
  const { t } = useI18n();
  const [opened, setOpened] = useState(false);
  const actions = useActions(opened);
  return (
    <Spotlight
      actions={actions}
      attributes={{ content: { "aria-label": t("nav.palette") } }}
      onSpotlightOpen={() => setOpened(true)}
      onSpotlightClose={() => setOpened(false)}
      shortcut={["mod + K"]}
      tagsToIgnore={[]}
      triggerOnContentEditable
      nothingFound={t("palette.nothing")}
      limit={12}
      scrollable
      maxHeight={420}
      highlightQuery
      searchProps={{
        leftSection: <IconSearch size={18} />,
        placeholder: t("palette.placeholder"),
        "aria-label": t("nav.palette"),
      }}
    />
  );
}
