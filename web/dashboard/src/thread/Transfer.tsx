import { Button, Group, Modal, Radio, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { ConversationSummary } from "../../../shared/events";
import { api } from "../api/client";
import type { Agent } from "../api/types";
import { useI18n } from "../i18n";
import { useDesk } from "../live/context";
import { Failure, wordsOf } from "../shell/Failure";
import { useMe } from "../shell/session";

export function useAgents(on = true) {
  return useQuery({
    queryKey: ["agents"],
    queryFn: () => api<{ items: Agent[] } | Agent[]>("/api/agents").then((body) => (Array.isArray(body) ? body : body.items)),
    enabled: on,
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
  const [chosen, setChosen] = useState<string | null>(null);
  const transfer = useMutation({
    mutationFn: (agentId: string) =>
      api<{ conversation: ConversationSummary }>(`/api/conversations/${row.id}/transfer`, { body: { agent_id: agentId } }),
    onSuccess: ({ conversation }) => {
      desk.row(conversation);
      onClose();
      notifications.show({ message: t("transfer.done", { name: conversation.agent_name ?? "" }) });
    },
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
  });
  const others = (agents.data ?? []).filter((agent) => agent.id !== row.agent_id);
  return (
    <Modal opened={opened} onClose={onClose} title={t("transfer.title")} closeButtonProps={{ "aria-label": t("action.close_panel") }}>
      {agents.isError && <Failure error={agents.error} onRetry={() => void agents.refetch()} />}
      {agents.data && others.length === 0 && <Text c="dimmed">{t("transfer.nobody")}</Text>}
      <Radio.Group value={chosen} onChange={setChosen} aria-label={t("transfer.title")}>
        <Stack gap="xs">
          {others.map((agent) => (
            <Radio
              key={agent.id}
              value={agent.id}
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
