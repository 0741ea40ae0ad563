import { notifications } from "@mantine/notifications";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../api/client";
import type { Agent } from "../api/types";
import { useI18n } from "../i18n";
import { wordsOf } from "../shell/Failure";

export const ROLES = ["agent", "supervisor", "admin"] as const satisfies readonly Agent["role"][];

export interface Colleague extends Agent {
  online: boolean;
  disabled: boolean;
}

export interface Invitation {
  email: string;
  name: string;
  role: Agent["role"];
}

/** A password that is shown once, to be passed on. */
export interface Secret {
  agent_id: string;
  email: string;
  password: string;
}

const KEY = ["staff"];

export function useStaff() {
  return useQuery({ queryKey: KEY, queryFn: () => api<{ items: Colleague[] }>("/api/staff").then(({ items }) => items) });
}

/** Refusals are told in the server's words. */
export function useStaffChanges(onSecret: (secret: Secret) => void) {
  const { t } = useI18n();
  const queries = useQueryClient();
  const told = {
    onError: (error: Error) => notifications.show({ color: "red", message: wordsOf(error, t) }),
    onSettled: () => void queries.invalidateQueries({ queryKey: KEY }),
  };
  const change = useMutation({
    mutationFn: ({ id, ...body }: { id: string; role?: Agent["role"]; disabled?: boolean }) => api(`/api/staff/${id}`, { method: "PATCH", body }),
    ...told,
  });
  const invite = useMutation({ mutationFn: (body: Invitation) => api<Secret>("/api/staff", { body }), onSuccess: onSecret, ...told });
  const reset = useMutation({
    mutationFn: (id: string) => api<Secret>(`/api/staff/${id}/password`, { method: "POST" }),
    onSuccess: onSecret,
    ...told,
  });
  return { change, invite, reset };
}
