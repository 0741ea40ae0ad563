"""Teams and skills, and what each agent brings of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.audit import record
from app.auth.service import AgentIdentity, AuthService
from app.errors import Conflict, NotFound, Refused
from app.handoff import team_repository as repository
from app.models import Agent, Skill, Team, new_id


@dataclass(frozen=True, slots=True)
class TeamFacts:
    id: str
    name: str
    intents: Sequence[str]
    agent_ids: Sequence[str]


class TeamService:
    """Teams route; they hide nothing: every agent may read every conversation."""

    def __init__(self, auth: AuthService) -> None:
        self._auth = auth

    def all(self, session: Session) -> list[TeamFacts]:
        members = repository.members(session)
        return [
            self._facts(team, members.get(team.id, set())) for team in repository.teams(session)
        ]

    def put(
        self,
        session: Session,
        by: AgentIdentity,
        team_id: str | None,
        name: str,
        intents: Sequence[str],
        agent_ids: Sequence[str],
    ) -> TeamFacts:
        """Make a team, or change one. Raises `Conflict`, `NotFound`, `Refused`."""
        check_names([name, *intents])
        holder = repository.team_named(session, name)
        if holder is not None and holder.id != team_id:
            raise Conflict("exists")
        team = session.get(Team, team_id) if team_id else Team(id=new_id(), name=name)
        if team is None:
            raise NotFound("team_not_found")
        team.name, team.intents = name, tuple(dict.fromkeys(intents))
        session.add(team)
        session.flush()
        for agent_id in agent_ids:
            self._auth.agent_named(session, agent_id)
        repository.set_members(session, team.id, set(agent_ids))
        record(session, by.id, "team_changed" if team_id else "team_added", team.id)
        return self._facts(team, set(agent_ids))

    def delete(self, session: Session, by: AgentIdentity, team_id: str) -> None:
        team = session.get(Team, team_id)
        if team is None:
            raise NotFound("team_not_found")
        repository.forget_team(session, team)
        record(session, by.id, "team_deleted", team_id)

    # --- skills -----------------------------------------------------------------------------

    def skills(self, session: Session) -> list[Skill]:
        return list(repository.skills(session))

    def put_skill(
        self, session: Session, by: AgentIdentity, name: str, intents: Sequence[str]
    ) -> Skill:
        check_names([name, *intents])
        skill = session.get(Skill, name) or Skill(name=name)
        skill.intents = tuple(dict.fromkeys(intents))
        session.add(skill)
        session.flush()
        record(session, by.id, "skill_changed", name)
        return skill

    def delete_skill(self, session: Session, by: AgentIdentity, name: str) -> None:
        skill = session.get(Skill, name)
        if skill is None:
            raise NotFound()
        session.delete(skill)
        record(session, by.id, "skill_deleted", name)

    # --- what an agent takes ----------------------------------------------------------------

    def set_routing(
        self,
        session: Session,
        by: AgentIdentity,
        agent_id: str,
        languages: Sequence[str],
        skills: Sequence[str],
        max_chats: int | None,
    ) -> Agent:
        check_names(skills)
        agent = self._auth.agent_named(session, agent_id)
        agent.languages, agent.skills = tuple(languages), tuple(dict.fromkeys(skills))
        agent.max_chats = max_chats
        record(session, by.id, "agent_routing_changed", agent_id)
        return agent

    @staticmethod
    def _facts(team: Team, agent_ids: set[str]) -> TeamFacts:
        return TeamFacts(team.id, team.name, team.intents, sorted(agent_ids))


def check_names(names: Sequence[str]) -> None:
    """Raises `Refused`: a name is one of several in a column, parted by bars."""
    if any(not name.strip() or "|" in name or "\0" in name for name in names):
        raise Refused("bad_name")
