import { SettingsFrame } from "../SettingsFrame";
import { KeysCard } from "./KeysCard";
import { WebhooksCard } from "./WebhooksCard";

/** Other programs: what they may do, and what they are told. */
export default function ProgramsPage() {
  return (
    <SettingsFrame>
      <KeysCard />
      <WebhooksCard />
    </SettingsFrame>
  );
}
