import { useDeskInfo } from "../../desk/useDeskInfo";
import { Failure } from "../../shell/Failure";
import { SettingsFrame } from "../SettingsFrame";
import { RoutingCard } from "./RoutingCard";
import { RulesCard } from "./RulesCard";
import { SkillsCard } from "./SkillsCard";
import { TeamsCard } from "./TeamsCard";
import { useRouted } from "./useRouting";

/** Who gets which customer: rules, teams, skills, and what each agent takes. */
export default function TeamsPage() {
  const desk = useDeskInfo();
  const staff = useRouted();
  const failed = [desk, staff].find(({ isError }) => isError);
  return (
    <SettingsFrame>
      {failed && <Failure error={failed.error} onRetry={() => void Promise.all([desk.refetch(), staff.refetch()])} />}
      {desk.data && staff.data && (
        <>
          <RulesCard key={JSON.stringify(desk.data.rules)} found={desk.data.rules} />
          <TeamsCard teams={desk.data.teams} staff={staff.data} />
          <SkillsCard skills={desk.data.skills} />
          <RoutingCard staff={staff.data} skills={desk.data.skills.map(({ name }) => name)} most={desk.data.rules.max_chats} />
        </>
      )}
    </SettingsFrame>
  );
}
