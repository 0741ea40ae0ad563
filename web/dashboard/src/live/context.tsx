import { createContext, useContext, useSyncExternalStore } from "react";
import type { Desk } from "./desk";
import type { DeskState } from "./ports";

const DeskContext = createContext<Desk | null>(null);
export const DeskProvider = DeskContext.Provider;

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (!desk) throw new Error("expected to be inside a DeskProvider");
  return desk;
}

/** `select` must return what is held in the state, not something new on each call. */
export function useDeskState<Selected>(select: (state: DeskState) => Selected): Selected {
  const desk = useDesk();
  return useSyncExternalStore(desk.subscribe, () => select(desk.snapshot()));
}
