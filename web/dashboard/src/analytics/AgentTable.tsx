import { useI18n } from "../i18n";
import { Portrait } from "../inbox/Portrait";
import css from "./analytics.module.css";
import { shown, span } from "./figures";
import { Nothing, Panel } from "./Panel";
import type { AgentFigures } from "./types";

export function AgentTable({ agents }: { agents: readonly AgentFigures[] }) {
  const { t, locale } = useI18n();
  const time = (seconds: number | null) => (seconds === null ? "–" : span(seconds, locale));
  return (
    <Panel wide title={t("analytics.agents")} hint={t("analytics.agents_hint")}>
      {agents.length === 0 ? (
        <Nothing>{t("analytics.no_agents")}</Nothing>
      ) : (
        <div className={css.scroll} tabIndex={0} role="group" aria-label={t("analytics.agents")}>
          <table className={css.table}>
            <thead>
              <tr>
                <th scope="col">{t("analytics.agent")}</th>
                <th scope="col">{t("analytics.chats")}</th>
                <th scope="col">{t("analytics.replies")}</th>
                <th scope="col">{t("analytics.headline.first_response")}</th>
                <th scope="col">{t("analytics.headline.resolution")}</th>
                <th scope="col">{t("analytics.rating")}</th>
              </tr>
            </thead>
            <tbody>
              {agents.map((agent) => (
                <tr key={agent.agent_id}>
                  <th scope="row">
                    <span className={css.person}>
                      <Portrait name={agent.name} id={agent.agent_id} size={26} />
                      {agent.name}
                    </span>
                  </th>
                  <td>{shown(agent.chats, "count", locale)}</td>
                  <td>{shown(agent.replies, "count", locale)}</td>
                  <td>{time(agent.first_response_s)}</td>
                  <td>{time(agent.resolution_s)}</td>
                  <td>{agent.stars === null ? "–" : t("analytics.rated", { stars: agent.stars, count: agent.ratings })}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
