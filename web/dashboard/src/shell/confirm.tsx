import { Button, Group, Modal, Text } from "@mantine/core";
import { createContext, type ReactNode, useContext, useState } from "react";
import { useI18n } from "../i18n";

export interface Question {
  title: string;
  /** What follows from it. */
  hint: string;
  /** What the button says; without it, "Delete". */
  action?: string;
}

type Ask = (question: Question, agreed: () => void) => void;

const AskContext = createContext<Ask | null>(null);
/** Above whatever window it was asked in. */
const ABOVE = 400;

/** One window for every "are you sure?". */
export function ConfirmProvider({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const [asked, setAsked] = useState<{ question: Question; agreed: () => void } | null>(null);
  const [opened, setOpened] = useState(false);
  const ask: Ask = (question, agreed) => {
    setAsked({ question, agreed });
    setOpened(true);
  };
  const close = () => setOpened(false);
  return (
    <AskContext.Provider value={ask}>
      {children}
      <Modal opened={opened} onClose={close} title={asked?.question.title} size="sm" zIndex={ABOVE} closeButtonProps={{ "aria-label": t("action.close_panel") }}>
        <Text size="sm">{asked?.question.hint}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" data-autofocus onClick={close}>
            {t("action.cancel")}
          </Button>
          <Button
            color="red.9"
            onClick={() => {
              close();
              asked?.agreed();
            }}
          >
            {asked?.question.action ?? t("action.delete")}
          </Button>
        </Group>
      </Modal>
    </AskContext.Provider>
  );
}

/** Ask before what cannot be undone, or reaches further than one sees. */
export function useConfirm(): Ask {
  const ask = useContext(AskContext);
  if (!ask) throw new Error("expected a ConfirmProvider around this component, found none");
  return ask;
}
