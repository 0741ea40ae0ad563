import { Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { spotlight } from "@mantine/spotlight";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  IconBell,
  IconCommand,
  IconDeviceDesktop,
  IconLanguage,
  IconLogout,
  IconMessages,
  IconMoon,
  IconPassword,
  IconSettings,
  IconShieldLock,
  IconSun,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { NavLink } from "react-router";
import { api } from "../api/client";
import { useI18n } from "../i18n";
import { useDeskState } from "../live/context";
import { Portrait } from "../inbox/Portrait";
import { wordsOf } from "./Failure";
import { Logo } from "./Logo";
import { OwnPassword } from "./OwnPassword";
import { isSetting, pagesFor, SETTINGS } from "./pages";
import { usePreferences } from "./preferences";
import { SecondFactor } from "./SecondFactor";
import { useLogout, useMe } from "./session";
import css from "./shell.module.css";

function Item({ to, label, icon, badge = 0 }: { to: string; label: string; icon: ReactNode; badge?: number }) {
  const { t } = useI18n();
  return (
    <Tooltip label={label} position="right">
      <NavLink to={to} className={css.item ?? ""} aria-label={badge > 0 ? t("nav.waiting", { page: label, count: badge }) : label}>
        {icon}
        {badge > 0 && (
          <span className={css.badge} aria-hidden="true">
            {badge > 99 ? "99+" : badge}
          </span>
        )}
      </NavLink>
    </Tooltip>
  );
}

export function useAvailability() {
  const { t } = useI18n();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (available: boolean) => api("/api/me/availability", { method: "PUT", body: { available } }),
    onMutate: (available) => {
      queries.setQueryData(["me"], (me: object | null) => me && { ...me, available });
    },
    onError: (error, available) => {
      queries.setQueryData(["me"], (me: object | null) => me && { ...me, available: !available });
      notifications.show({ color: "red", message: wordsOf(error, t) });
    },
  });
}

function AskForNotifications() {
  const { t } = useI18n();
  if (typeof Notification === "undefined" || Notification.permission !== "default") return null;
  return (
    <Menu.Item leftSection={<IconBell size={16} />} onClick={() => void Notification.requestPermission()}>
      {t("settings.desktop_notifications")}
    </Menu.Item>
  );
}

function Account() {
  const { t, language, setLanguage } = useI18n();
  const me = useMe();
  const logout = useLogout();
  const [securing, setSecuring] = useState(false);
  const [renewing, setRenewing] = useState(false);
  const availability = useAvailability();
  const { sound, setSound } = usePreferences();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const schemes = [
    { value: "light", icon: <IconSun size={16} /> },
    { value: "dark", icon: <IconMoon size={16} /> },
    { value: "auto", icon: <IconDeviceDesktop size={16} /> },
  ] as const;
  return (
    <>
    <OwnPassword opened={renewing} onClose={() => setRenewing(false)} />
    <SecondFactor opened={securing} onClose={() => setSecuring(false)} />
    <Menu position="right-end" width={260} shadow="md" withinPortal>
      <Menu.Target>
        <button type="button" className={css.item}>
          <span className="lx-sr">{t("nav.account", { name: me.name })}</span>
          <Portrait name={me.name} id={me.id} size={34} />
          <span className={css.presence} data-on={me.available} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.name} · {me.email}
        </Menu.Label>
        <Menu.CheckboxItem checked={me.available} onChange={(on) => availability.mutate(on)}>
          {t("presence.on")}
        </Menu.CheckboxItem>
        <Menu.CheckboxItem checked={sound} onChange={setSound}>
          {t("settings.sound")}
        </Menu.CheckboxItem>
        <AskForNotifications />
        <Menu.Divider />
        <Menu.Label>{t("settings.theme")}</Menu.Label>
        <Menu.RadioGroup value={colorScheme} onChange={(scheme) => setColorScheme(scheme as typeof colorScheme)}>
          {schemes.map(({ value, icon }) => (
            <Menu.RadioItem key={value} value={value} rightSection={icon}>
              {t(`theme.${value}`)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconLanguage size={16} />} onClick={() => setLanguage(language === "zh" ? "en" : "zh")}>
          {language === "zh" ? "English" : "中文"}
        </Menu.Item>
        <Menu.Item leftSection={<IconPassword size={16} />} onClick={() => setRenewing(true)}>
          {t("password.menu")}
        </Menu.Item>
        <Menu.Item leftSection={<IconShieldLock size={16} />} onClick={() => setSecuring(true)}>
          {t("second.menu")}
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} c="var(--lx-bad)" onClick={() => void logout()}>
          {t("nav.logout")}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
    </>
  );
}

export function Rail() {
  const { t } = useI18n();
  const me = useMe();
  const pages = pagesFor(me);
  const queued = useDeskState((state) => state.inbox.counts.queued ?? 0);
  return (
    <nav className={css.rail} aria-label={t("nav.main")}>
      <span className={css.logo}>
        <Logo />
      </span>
      <Item to="/inbox" label={t("nav.inbox")} icon={<IconMessages />} badge={queued} />
      {pages
        .filter((page) => !isSetting(page))
        .map((page) => (
          <Item key={page.path} to={page.path} label={t(page.label)} icon={<page.icon />} />
        ))}
      {pages.some(isSetting) && <Item to={SETTINGS} label={t("nav.settings")} icon={<IconSettings />} />}
      <span className={css.spacer} />
      <Tooltip label={`${t("nav.palette")} · Ctrl K`} position="right">
        <button type="button" className={css.item} aria-label={t("nav.palette")} onClick={() => spotlight.open()}>
          <IconCommand />
        </button>
      </Tooltip>
      <Account />
    </nav>
  );
}
