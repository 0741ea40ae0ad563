"""Where a customer who wants a human belongs: how urgent, and in which team."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.errors import NotFound
from app.handoff import team_repository as repository
from app.handoff.rules import Rules
from app.models import Conversation, Team
from app.models.base import PRIORITIES

INTENTS_LOOKED_AT = 3
HIGH = PRIORITIES.index("high")


def route(
    session: Session, row: Conversation, rules: Rules, reason: str, trend: Sequence[str]
) -> None:
    """Set `rank` and `team_id` of a conversation that enters the queue."""
    if rules.raise_falling_mood and (reason == "anger" or is_falling(trend)):
        row.rank = max(row.rank, HIGH)
    if row.team_id is None:
        row.team_id = _team_for(session, row)


def is_falling(trend: Sequence[str]) -> bool:
    """The customer was not unhappy before and is now, or has been twice in a row."""
    return len(trend) > 1 and trend[-1] == "negative"


def check_team(session: Session, team_id: str) -> Team:
    team = session.get(Team, team_id)
    if team is None:
        raise NotFound("team_not_found")
    return team


def _team_for(session: Session, row: Conversation) -> str | None:
    teams = [team for team in repository.teams(session) if team.intents]
    if not teams:
        return None
    for subject in subjects_of(session, row):
        for team in teams:
            if subject in team.intents:
                return team.id
    return None


def subjects_of(session: Session, row: Conversation) -> list[str]:
    """What it is about: the customer's latest intents, then its tags."""
    return [*repository.recent_intents(session, row.id, INTENTS_LOOKED_AT), *row.tags]
