import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ConversationSummary } from "../../../shared/events";
import { api } from "../api/client";
import type { Agent } from "../api/types";
import { useDeskInfo } from "../desk/useDeskInfo";
import { useI18n } from "../i18n";
import { useDesk } from "../live/context";
import { Failure, wordsOf } from "../shell/Failure";
import { useMe } from "../shell/session";

export function useAgents(on = true) {
  return useQuery({
    queryKey: ["agents"],
    queryFn: () => api<{ items: Agent[] }>("/api/agents").then(({ items }) => items),
    enabled: on,
    staleTime: 30_000,
  });
}

interface Props {
  row: ConversationSummary;
  opened: boolean;
  onClose: () => void;
}

export function Transfer({ row, opened, onClose }: Props) {
  const { t } = useI18n();
  const me = useMe();
  const desk = useDesk();
  const agents = useAgents(opened);
  const teams = useDeskInfo().data?.teams ?? [];
  const [chosen, setChosen] = useState<string | null>(null);
  const transfer = useMutation({
    mutationFn: (to: string) => {
      const [kind, id] = to.split(" ");
      const body = kind === "team" ? { team_id: id } : { agent_id: id };
      return api<{ conversation: ConversationSummary }>(`/api/conversations/${row.id}/transfer`, { body });
    },
    onSuccess: ({ conversation }) => {
      desk.row(conversation);
      onClose();
      const team = teams.find(({ id }) => id === conversation.team_id)?.name ?? "";
      notifications.show({ message: t("transfer.done", { name: conversation.agent_name ?? team }) });
    },
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
  // From the queue a chat goes to a team; to a person it goes by their claim.
  const others = row.owner === "agent" ? (agents.data ?? []).filter((agent) => agent.id !== row.agent_id) : [];
  return (
    <Modal opened={opened} onClose={onClose} title={t("transfer.title")} closeButtonProps={{ "aria-label": t("action.close_panel") }}>
      {agents.isError && <Failure error={agents.error} onRetry={() => void agents.refetch()} />}
      {agents.data && others.length === 0 && teams.length === 0 && <Text c="dimmed">{t("transfer.nobody")}</Text>}
      <Radio.Group value={chosen} onChange={setChosen} aria-label={t("transfer.title")}>
        <Stack gap="xs">
          {teams.map((team) => (
            <Radio key={team.id} value={`team ${team.id}`} label={team.name} description={t("transfer.team", { count: team.agent_ids.length })} />
          ))}
          {others.map((agent) => (
            <Radio
              key={agent.id}
              value={`agent ${agent.id}`}
              label={agent.id === me.id ? t("transfer.me", { name: agent.name }) : agent.name}
              description={t(agent.available ? "presence.on" : "presence.off")}
            />
          ))}
        </Stack>
      </Radio.Group>
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onClose}>
          {t("action.cancel")}
        </Button>
        <Button disabled={!chosen} loading={transfer.isPending} onClick={() => chosen && transfer.mutate(chosen)}>
          {t("step.transfer")}
        </Button>
      </Group>
    </Modal>
  );
}
