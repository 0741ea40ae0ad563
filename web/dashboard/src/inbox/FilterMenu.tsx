import { ActionIcon, Button, Checkbox, Indicator, Popover, Select, Stack, Switch, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { IconFilter } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { api } from "../api/client";
import { useDeskInfo } from "../desk/useDeskInfo";
import { useI18n } from "../i18n";
import { wordsOf } from "../shell/Failure";
import { useAgents } from "../thread/Transfer";
import { type Filters, filtersOf, type InboxQuery, isNarrowed, PRIORITIES } from "./query";

interface Props {
  query: InboxQuery;
  onChange: (query: InboxQuery) => void;
}

const UNDER = { withinPortal: false } as const;

function SaveView({ query, onSaved }: { query: InboxQuery; onSaved: () => void }) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [shared, setShared] = useState(false);
  const save = useMutation({
    mutationFn: () => api("/api/views", { body: { name: name.trim(), shared, filters: query } }),
    onSuccess: () => {
      onSaved();
      void queries.invalidateQueries({ queryKey: ["views"] });
    },
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim()) save.mutate();
      }}
    >
      <Stack gap="xs">
        <TextInput size="xs" value={name} maxLength={60} onChange={(event) => setName(event.currentTarget.value)} label={t("views.name")} />
        <Checkbox size="xs" checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} label={t("views.share")} />
        <Button size="xs" type="submit" variant="light" disabled={!name.trim()} loading={save.isPending}>
          {t("views.save")}
        </Button>
      </Stack>
    </form>
  );
}

/** What narrows the view: by tag, urgency, team, language, mood, and who has waited too long. */
export function FilterMenu({ query, onChange }: Props) {
  const { t, code } = useI18n();
  const [opened, setOpened] = useState(false);
  const info = useDeskInfo().data;
  const agents = useAgents(opened);
  const set = (change: Filters) => {
    const next = { ...query, ...change };
    for (const [name, value] of Object.entries(change)) if (!value) delete next[name as keyof Filters];
    onChange(next);
  };
  const choice = (label: string, value: string | undefined, data: { value: string; label: string }[], pick: (value: string) => Filters): ReactNode => (
    <Select
      size="xs"
      label={label}
      data={data}
      value={value ?? null}
      onChange={(chosen) => set(pick(chosen ?? ""))}
      clearable
      clearButtonProps={{ "aria-label": t("filter.clear_this", { what: label }) }}
      placeholder={t("filter.any")}
      comboboxProps={UNDER}
    />
  );
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" width={264} shadow="md" trapFocus withinPortal>
      <Indicator disabled={!isNarrowed(query)} size={9} offset={5}>
        <Popover.Target>
          <ActionIcon size={36} variant="default" aria-label={t("filter.title")} title={t("filter.title")} aria-expanded={opened} onClick={() => setOpened(!opened)}>
            <IconFilter size={17} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown>
        <Stack gap="xs">
          {choice(t("triage.priority"), query.priority, PRIORITIES.map((one) => ({ value: one, label: code("priority", one) })), (value) => ({ priority: value as NonNullable<Filters["priority"]> }))}
          {choice(t("triage.tags"), query.tag, (info?.tags ?? []).map((tag) => ({ value: tag, label: tag })), (tag) => ({ tag }))}
          {info && info.teams.length > 0 && choice(t("triage.team"), query.team_id, info.teams.map(({ id, name }) => ({ value: id, label: name })), (team_id) => ({ team_id }))}
          {choice(t("author.agent"), query.agent_id, (agents.data ?? []).map(({ id, name }) => ({ value: id, label: name })), (agent_id) => ({ agent_id }))}
          {choice(t("customer.language"), query.language, [{ value: "zh", label: "中文" }, { value: "en", label: "English" }], (value) => ({ language: value as "zh" | "en" }))}
          {choice(t("filter.mood"), query.sentiment, ["negative", "neutral", "positive"].map((one) => ({ value: one, label: code("sentiment", one) })), (value) => ({ sentiment: value as NonNullable<Filters["sentiment"]> }))}
          <Switch size="xs" checked={query.overdue ?? false} onChange={(event) => set({ overdue: event.currentTarget.checked })} label={t("filter.overdue")} />
          {isNarrowed(query) && (
            <>
              <Button size="xs" variant="default" onClick={() => onChange({ view: query.view })}>
                {t("filter.clear")}
              </Button>
              <SaveView query={query} onSaved={() => setOpened(false)} />
            </>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** The active filters as words, each to be taken away. */
export function useFilterWords(query: InboxQuery): { name: keyof Filters; words: string }[] {
  const { t, code } = useI18n();
  const info = useDeskInfo().data;
  const agents = useAgents(Boolean(query.agent_id));
  const words: Record<keyof Filters, string> = {
    tag: `#${query.tag}`,
    priority: code("priority", query.priority ?? ""),
    team_id: info?.teams.find(({ id }) => id === query.team_id)?.name ?? t("triage.team"),
    agent_id: agents.data?.find(({ id }) => id === query.agent_id)?.name ?? t("author.agent"),
    language: query.language === "zh" ? "中文" : "English",
    sentiment: code("sentiment", query.sentiment ?? ""),
    overdue: t("filter.overdue"),
  };
  return (Object.keys(filtersOf(query)) as (keyof Filters)[]).map((name) => ({ name, words: words[name] }));
}
