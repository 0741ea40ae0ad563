import {
  IconApi,
  IconBook2,
  IconChartHistogram,
  IconClockHour9,
  IconFileCertificate,
  IconHeartRateMonitor,
  IconMessageCog,
  IconRobot,
  IconShieldHalf,
  IconSitemap,
  IconUsers,
  type IconProps,
} from "@tabler/icons-react";
import { type ComponentType, lazy, type LazyExoticComponent } from "react";
import type { Agent } from "../api/types";
import type { Key } from "../i18n";

/** A page beside the inbox: its place in the rail and the palette, who sees it, and its own bundle. */
export interface Page {
  path: string;
  label: Key;
  icon: ComponentType<IconProps>;
  /** Left out: everybody's. */
  roles?: readonly Agent["role"][];
  body: LazyExoticComponent<ComponentType>;
}

/** Pages below it share one place in the rail, and their tabs. */
export const SETTINGS = "/settings";

/** In the rail's order. Each routes what is below its path by itself. */
export const PAGES: readonly Page[] = [
  { path: "/knowledge", label: "nav.knowledge", icon: IconBook2, body: lazy(() => import("../knowledge/Knowledge")) },
  {
    path: "/analytics",
    label: "nav.analytics",
    icon: IconChartHistogram,
    roles: ["supervisor", "admin"],
    body: lazy(() => import("../analytics/Analytics")),
  },
  { path: "/widget", label: "nav.widget", icon: IconMessageCog, roles: ["admin"], body: lazy(() => import("../widget/WidgetPage")) },
  { path: "/bot", label: "nav.bot", icon: IconRobot, body: lazy(() => import("../bot/Bot")) },
  { path: `${SETTINGS}/agents`, label: "nav.staff", icon: IconUsers, roles: ["admin"], body: lazy(() => import("../settings/StaffPage")) },
  { path: `${SETTINGS}/teams`, label: "nav.teams", icon: IconSitemap, roles: ["admin"], body: lazy(() => import("../settings/teams/TeamsPage")) },
  { path: `${SETTINGS}/hours`, label: "nav.hours", icon: IconClockHour9, roles: ["admin"], body: lazy(() => import("../settings/hours/HoursPage")) },
  { path: `${SETTINGS}/programs`, label: "nav.programs", icon: IconApi, roles: ["admin"], body: lazy(() => import("../settings/programs/ProgramsPage")) },
  { path: `${SETTINGS}/privacy`, label: "nav.privacy", icon: IconShieldHalf, roles: ["admin"], body: lazy(() => import("../settings/privacy/PrivacyPage")) },
  { path: `${SETTINGS}/audit`, label: "nav.audit", icon: IconFileCertificate, roles: ["admin"], body: lazy(() => import("../settings/audit/AuditPage")) },
  { path: `${SETTINGS}/operations`, label: "nav.operations", icon: IconHeartRateMonitor, roles: ["admin"], body: lazy(() => import("../settings/operations/OperationsPage")) },
];

export function pagesFor(me: Agent): readonly Page[] {
  return PAGES.filter((page) => !page.roles || page.roles.includes(me.role));
}

export function isSetting(page: Page): boolean {
  return page.path.startsWith(`${SETTINGS}/`);
}
