import { useQuery, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext } from "react";
import { ApiError, api } from "../api/client";
import type { Agent } from "../api/types";

const AgentContext = createContext<Agent | null>(null);

/** Who is logged in. */
export function useMe(): Agent {
  const me = useContext(AgentContext);
  if (!me) throw new Error("expected to be inside a SessionProvider");
  return me;
}

export function SessionProvider({ me, children }: { me: Agent; children: ReactNode }) {
  return <AgentContext value={me}>{children}</AgentContext>;
}

/** `GET /api/me` gives the agent plain or under `agent`. */
function agentOf(body: Agent | { agent: Agent }): Agent {
  return "agent" in body ? body.agent : body;
}

export function useSession() {
  return useQuery({
    queryKey: ["me"],
    queryFn: async () => {
      try {
        return agentOf(await api<Agent | { agent: Agent }>("/api/me"));
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Infinity,
    retry: 1,
  });
}

export function useLogout(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await api("/api/auth/logout", { method: "POST" });
    queries.clear();
    queries.setQueryData(["me"], null);
  };
}

export function isSupervisor(agent: Agent): boolean {
  return agent.role !== "agent";
}
