import { notifications } from "@mantine/notifications";
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { useI18n } from "../i18n";
import { wordsOf } from "../shell/Failure";

interface Options<Result> {
  /** What has to be asked for again. */
  stale: readonly QueryKey[];
  onDone?: (result: Result) => void;
  /** Told when it worked. */
  told?: string;
}

/** A change of the owner's: refusals are told in the server's words. */
export function useSaved<Input, Result = unknown>(send: (input: Input) => Promise<Result>, { stale, onDone, told }: Options<Result>) {
  const { t } = useI18n();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: send,
    onSuccess: (result) => {
      if (told) notifications.show({ color: "green", message: told });
      onDone?.(result);
    },
    onError: (error) => notifications.show({ color: "red", message: wordsOf(error, t), autoClose: 8000 }),
    onSettled: () => Promise.all(stale.map((queryKey) => queries.invalidateQueries({ queryKey }))),
  });
}
