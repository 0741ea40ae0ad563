"""Gives waiting customers to agents who are free, if the rules say so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from app.auth.service import AuthService
from app.handoff import team_repository as repository
from app.handoff.routing import subjects_of
from app.handoff.rules import Rules, RulesService
from app.handoff.service import HandoffService
from app.models import Conversation, now

GIVEN_AT_ONCE = 50
NEVER = ""


@dataclass(slots=True)
class Free:
    """An agent who is there, and what they can take."""

    id: str
    load: int
    cap: int
    languages: Collection[str] = ()
    skills: Collection[str] = ()
    teams: Collection[str] = ()
    assigned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Need:
    language: str
    team_id: str | None = None
    skills: Collection[str] = field(default_factory=frozenset)
    not_agent_id: str | None = None
    """Who had this customer and put them back."""


def choose(need: Need, there: Iterable[Free], method: str) -> Free | None:
    """Who gets this customer: never beyond a cap, never of another team or language; of the rest
    whoever has most of the skills, then the least load, or the longest wait for a turn."""
    fitting = [
        agent
        for agent in there
        if agent.load < agent.cap
        and agent.id != need.not_agent_id
        and (need.team_id is None or need.team_id in agent.teams)
        and (not agent.languages or need.language in agent.languages)
    ]

    def order(agent: Free) -> tuple[float | str, ...]:
        lacking = -len(set(need.skills) & set(agent.skills))
        turn = agent.assigned_at.isoformat() if agent.assigned_at else NEVER
        if method == "round_robin":
            return (lacking, turn, agent.load, agent.id)
        return (lacking, agent.load / agent.cap, turn, agent.id)

    return min(fitting, key=order, default=None)


class AssignmentService:
    def __init__(self, auth: AuthService, handoff: HandoffService, rules: RulesService) -> None:
        self._auth = auth
        self._handoff = handoff
        self._rules = rules

    def has_work(self, session: Session) -> bool:
        """Cheap: whether there may be somebody to give out."""
        return repository.is_anybody_waiting(session) and self._rules.read(session).auto_assign

    def give_out(self, session: Session) -> int:
        """Give the queue, in its order, to whoever is free; returns how many were given."""
        repository.lock_settings(session)
        rules = self._rules.read(session)
        if not rules.auto_assign:
            return 0
        there = self._there(session, rules)
        skills = repository.skills(session)
        given = 0
        for waiting in repository.waiting(session, GIVEN_AT_ONCE):
            row = waiting.row
            subjects = set(subjects_of(session, row))
            need = Need(
                language=row.language,
                team_id=row.team_id,
                skills=[skill.name for skill in skills if subjects & set(skill.intents)],
                not_agent_id=waiting.left_agent_id,
            )
            chosen = choose(need, there, rules.method)
            if chosen is not None and self._give(session, row, chosen):
                given += 1
        return given

    def _give(self, session: Session, row: Conversation, chosen: Free) -> bool:
        if not self._handoff.give(session, row.id, chosen.id):
            return False
        chosen.load += 1
        chosen.assigned_at = now()
        self._auth.agent_named(session, chosen.id).assigned_at = chosen.assigned_at
        return True

    def _there(self, session: Session, rules: Rules) -> Sequence[Free]:
        load = repository.open_chats(session)
        members = repository.members(session)
        return [
            Free(
                id=agent.id,
                load=load.get(agent.id, 0),
                cap=agent.max_chats or rules.max_chats,
                languages=agent.languages,
                skills=agent.skills,
                teams=[team for team, ids in members.items() if agent.id in ids],
                assigned_at=agent.assigned_at,
            )
            for agent in repository.agents(session, self._auth.present(session))
        ]
