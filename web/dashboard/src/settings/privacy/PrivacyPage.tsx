import { SettingsFrame } from "../SettingsFrame";
import { CustomersCard } from "./CustomersCard";
import { RetentionCard } from "./RetentionCard";

/** What is kept of customers: found, handed out, forgotten. */
export default function PrivacyPage() {
  return (
    <SettingsFrame>
      <CustomersCard />
      <RetentionCard />
    </SettingsFrame>
  );
}
