import { useLocalStorage } from "@mantine/hooks";

/** What this browser remembers for its agent. */
export function usePreferences() {
  const [sound, setSound] = useLocalStorage({ key: "lingxi.dashboard.sound", defaultValue: true, getInitialValueInEffect: false });
  const [details, setDetails] = useLocalStorage({ key: "lingxi.dashboard.details", defaultValue: true, getInitialValueInEffect: false });
  return { sound, setSound, details, setDetails };
}
