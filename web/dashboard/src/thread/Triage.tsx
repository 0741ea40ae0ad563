import { Button, Menu, Popover, TagsInput } from "@mantine/core";
import { useHotkeys } from "@mantine/hooks";
import {
  IconAlarm,
  IconCheck,
  IconClock,
  IconFlag3,
  IconFlag3Filled,
  IconHash,
  IconMoonStars,
  IconPlayerPause,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { useState } from "react";
import type { ConversationSummary } from "../../../shared/events";
import { type Clock, replyClock, resolutionClock, toneOf } from "../desk/clocks";
import { useChange } from "../desk/useChange";
import { useDeskInfo } from "../desk/useDeskInfo";
import { useI18n } from "../i18n";
import { duration, fullTime, until } from "../i18n/time";
import { mayActOn } from "../inbox/commands";
import { PRIORITIES } from "../inbox/query";
import { useNow } from "../shell/now";
import { useMe } from "../shell/session";
import { snoozes } from "./snoozes";
import css from "./triage.module.css";

const MAX_TAGS = 12;

function Due({ clock, now }: { clock: Clock; now: number }) {
  const { t, locale } = useI18n();
  const tone = toneOf(clock, now);
  const late = tone === "bad";
  const time = duration(Math.abs(clock.due - now));
  return (
    <span className={css.due} data-tone={tone} title={fullTime(new Date(clock.due).toISOString(), locale)}>
      {late ? <IconAlarm size={14} aria-hidden /> : <IconClock size={14} aria-hidden />}
      {t(`clock.${clock.kind}${late ? "_late" : ""}`, { time })}
    </span>
  );
}

function Clocks({ row }: { row: ConversationSummary }) {
  const rules = useDeskInfo().data?.rules;
  const clocks = [replyClock(row, rules), resolutionClock(row, rules)].filter((one) => one !== null);
  const now = useNow(1_000, clocks.length > 0);
  return clocks.map((clock) => <Due key={clock.kind} clock={clock} now={now} />);
}

function PriorityMenu({ row }: { row: ConversationSummary }) {
  const { t, code } = useI18n();
  const change = useChange(row.id);
  const Flag = row.priority === "normal" ? IconFlag3 : IconFlag3Filled;
  return (
    <Menu withinPortal position="bottom-start">
      <Menu.Target>
        <Button className={css.button} size="compact-sm" variant="subtle" color="gray" leftSection={<Flag size={15} className={css.flag} data-priority={row.priority} />} aria-label={`${t("triage.priority")}: ${code("priority", row.priority)}`}>
          {code("priority", row.priority)}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {PRIORITIES.map((priority) => (
          <Menu.Item
            key={priority}
            leftSection={<IconFlag3Filled size={15} className={css.flag} data-priority={priority} />}
            rightSection={priority === row.priority && <IconCheck size={15} />}
            onClick={() => change.mutate({ priority })}
          >
            {code("priority", priority)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Tags({ row, opened, onOpen }: { row: ConversationSummary; opened: boolean; onOpen: (opened: boolean) => void }) {
  const { t } = useI18n();
  const change = useChange(row.id);
  const known = useDeskInfo().data?.tags ?? [];
  return (
    <Popover opened={opened} onChange={onOpen} position="bottom-start" width={280} shadow="md" trapFocus withinPortal>
      <Popover.Target>
        <Button className={css.button} size="compact-sm" variant="subtle" color="gray" leftSection={<IconHash size={15} />} onClick={() => onOpen(!opened)} aria-expanded={opened}>
          {row.tags.length > 0 ? row.tags.join(" · ") : t("triage.add_tag")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <TagsInput
          data-autofocus
          label={t("triage.tags")}
          description={t("triage.tags_hint")}
          value={row.tags}
          data={known}
          maxTags={MAX_TAGS}
          onChange={(tags) => change.mutate({ tags })}
          comboboxProps={{ withinPortal: false }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function Snooze({ row, opened, onOpen }: { row: ConversationSummary; opened: boolean; onOpen: (opened: boolean) => void }) {
  const { t, locale } = useI18n();
  const change = useChange(row.id);
  const now = Date.now();
  return (
    <Menu opened={opened} onChange={onOpen} withinPortal position="bottom-start">
      <Menu.Target>
        <Button className={css.button} size="compact-sm" variant="subtle" color="gray" leftSection={<IconMoonStars size={15} />}>
          {row.snoozed_until ? t("snooze.until", { time: until(row.snoozed_until, locale, now) }) : t("snooze.title")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {row.snoozed_until && <Menu.Item onClick={() => change.mutate({ snoozed_until: null })}>{t("snooze.wake")}</Menu.Item>}
        {snoozes(new Date(now)).map(({ key, at }) => (
          <Menu.Item key={key} rightSection={<span className={css.when}>{until(at.toISOString(), locale, now)}</span>} onClick={() => change.mutate({ snoozed_until: at.toISOString() })}>
            {t(`snooze.${key}`)}
          </Menu.Item>
        ))}
        <Menu.Label>{t("snooze.hint")}</Menu.Label>
      </Menu.Dropdown>
    </Menu>
  );
}

function Hold({ row }: { row: ConversationSummary }) {
  const { t } = useI18n();
  const change = useChange(row.id);
  const held = row.held_at !== null;
  return (
    <Button
      className={css.button}
      size="compact-sm"
      variant={held ? "light" : "subtle"}
      color={held ? "orange.9" : "gray"}
      aria-pressed={held}
      leftSection={held ? <IconPlayerPlay size={15} /> : <IconPlayerPause size={15} />}
      onClick={() => change.mutate({ held: !held })}
    >
      {t(held ? "hold.resume" : "hold.start")}
    </Button>
  );
}

/** How urgent, what about, until when: set on the conversation, whoever owns it. */
export function Triage({ row }: { row: ConversationSummary }) {
  const { t } = useI18n();
  const me = useMe();
  const [open, setOpen] = useState<"tags" | "snooze" | null>(null);
  const change = useChange(row.id);
  const has = row.owner === "agent" && mayActOn(row, me);
  useHotkeys([
    ["L", () => setOpen("tags")],
    ["S", () => setOpen(has ? "snooze" : null)],
    ["H", () => has && change.mutate({ held: row.held_at === null })],
    ["U", () => change.mutate({ priority: row.priority === "urgent" ? "normal" : "urgent" })],
  ]);
  return (
    <div className={css.triage} role="group" aria-label={t("triage.title")}>
      <PriorityMenu row={row} />
      <Tags row={row} opened={open === "tags"} onOpen={(opened) => setOpen(opened ? "tags" : null)} />
      {has && <Snooze row={row} opened={open === "snooze"} onOpen={(opened) => setOpen(opened ? "snooze" : null)} />}
      {has && <Hold row={row} />}
      <span className={css.spring} />
      <Clocks row={row} />
    </div>
  );
}
