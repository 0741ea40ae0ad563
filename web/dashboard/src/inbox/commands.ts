import { notifications } from "@mantine/notifications";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  IconArrowBackUp,
  IconCheck,
  IconHandGrab,
  IconLogout2,
  IconRobot,
  type IconProps,
} from "@tabler/icons-react";
import type { ComponentType } from "react";
import { useNavigate } from "react-router";
import type { ConversationSummary } from "../../../shared/events";
import { ApiError, api } from "../api/client";
import type { Agent, ConversationDetail } from "../api/types";
import { type Key, useI18n } from "../i18n";
import { useDesk, useDeskState } from "../live/context";
import { wordsOf } from "../shell/Failure";
import { isSupervisor, useMe } from "../shell/session";
import { showUndo } from "./Undo";

export type Step = "claim" | "step_in" | "release" | "hand_back" | "close" | "reopen";

/** A chat belongs to its agent; supervisors may step in. */
export function mayActOn(row: ConversationSummary, me: Agent): boolean {
  return row.agent_id === me.id || isSupervisor(me);
}

/** What an agent may do with a conversation; the server's table of transitions has the last word. */
export function stepsFor(row: ConversationSummary, me: Agent): readonly Step[] {
  switch (row.owner) {
    case "bot":
      return ["claim", "close"];
    case "queued":
      return ["claim", "hand_back", "close"];
    case "agent":
      if (!mayActOn(row, me)) return [];
      return row.agent_id === me.id ? ["hand_back", "release", "close"] : ["step_in", "hand_back", "release", "close"];
    case "closed":
      return ["reopen"];
  }
}

export interface Command {
  id: string;
  step: Step;
  label: Key;
  icon: ComponentType<IconProps>;
  keys: string | null;
  run: () => void;
}

const LOOKS: Record<Step, Pick<Command, "label" | "icon" | "keys">> = {
  claim: { label: "step.claim", icon: IconHandGrab, keys: "C" },
  step_in: { label: "step.step_in", icon: IconHandGrab, keys: "C" },
  hand_back: { label: "step.hand_back", icon: IconRobot, keys: "B" },
  release: { label: "step.release", icon: IconLogout2, keys: "Q" },
  close: { label: "step.close", icon: IconCheck, keys: "E" },
  reopen: { label: "step.reopen", icon: IconArrowBackUp, keys: "O" },
};

export function useStep() {
  const { t } = useI18n();
  const me = useMe();
  const desk = useDesk();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const steps = useMutation({
    // A supervisor steps in by handing the chat to themselves.
    mutationFn: ({ id, step }: { id: string; step: Step }) =>
      step === "step_in"
        ? api<{ conversation: ConversationSummary }>(`/api/conversations/${id}/transfer`, { body: { agent_id: me.id } })
        : api<{ conversation: ConversationSummary }>(`/api/conversations/${id}/${step}`, { method: "POST" }),
    onMutate: ({ id }) => desk.taking(id),
    onSuccess: ({ conversation }, { step }) => {
      desk.row(conversation);
      // What I took leaves the queue: follow it to where it is now.
      if (step === "claim" || step === "step_in" || step === "reopen") void navigate(`/inbox/${conversation.id}?view=mine`);
      void queries.invalidateQueries({ queryKey: ["conversation", conversation.id] });
      if (step === "close") {
        const words = t("close.done", { name: conversation.visitor_name || t("visitor.anonymous") });
        showUndo(`closed-${conversation.id}`, words, t("action.undo"), () => steps.mutate({ id: conversation.id, step: "reopen" }));
      }
    },
    onError: (error, { id }) => {
      notifications.show({ color: "red", message: wordsOf(error, t) });
      // Somebody was faster: show what is true now.
      if (error instanceof ApiError && error.status === 409) void queries.invalidateQueries({ queryKey: ["conversation", id] });
    },
  });
  return steps;
}

/** The row of the open conversation, as fresh as the socket tells. */
export function useOpenRow(): ConversationSummary | null {
  const queries = useQueryClient();
  const id = useDeskState((state) => state.thread?.conversationId ?? null);
  const live = useDeskState((state) => (id ? state.inbox.rows.get(id) : undefined));
  if (!id) return null;
  return live ?? queries.getQueryData<ConversationDetail>(["conversation", id])?.conversation ?? null;
}

export function useConversationCommands(): readonly Command[] {
  const me = useMe();
  const row = useOpenRow();
  const step = useStep();
  if (!row) return [];
  return stepsFor(row, me).map((one) => ({
    id: `step-${one}`,
    step: one,
    ...LOOKS[one],
    run: () => {
      if (!step.isPending) step.mutate({ id: row.id, step: one });
    },
  }));
}
