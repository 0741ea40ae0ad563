"""The analytics of a period, counted when they are asked for: there is nothing to keep in step."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from app.analytics import repository
from app.analytics.periods import Period
from app.analytics.repository import HandoffFacts
from app.analytics.schemas import (
    AgentFigures,
    Day,
    Figures,
    IntentRow,
    MissedQuestion,
    Report,
)
from app.models import now

QUIET = timedelta(hours=1)
"""A conversation without a word for so long is over: customers leave without saying so."""
TOP_INTENTS = 12
LOOKED_AT_MISSED = 500
SHOWN_MISSED = 20


def report(session: Session, period: Period) -> Report:
    facts = repository.handoffs(session, period)
    days, hours = _by_time(session, period)
    stars = repository.ratings(session, period)
    return Report(
        first=period.first,
        last=period.last,
        zone=period.zone.key,
        figures=_figures(session, period, facts),
        before=_figures(session, period.before, repository.handoffs(session, period.before)),
        days=days,
        hours=hours,
        intents=[
            IntentRow(intent=intent, count=count, missed=missed)
            for intent, count, missed in repository.intents(session, period, TOP_INTENTS)
        ],
        routes=repository.routes(session, period),
        reasons=dict(Counter(one.reason for one in facts)),
        stars=[stars.get(number, 0) for number in range(1, 6)],
        agents=_by_agent(session, period, facts),
        missed=_missed(session, period),
    )


def _figures(session: Session, period: Period, facts: Sequence[HandoffFacts]) -> Figures:
    begun = repository.begun(session, period, now() - QUIET)
    turns = repository.turns(session, period)
    stars = repository.ratings(session, period)
    thumbs = repository.thumbs(session, period)
    there = [one for one in facts if one.kind == "queue"]
    first = _first_responses(there)
    return Figures(
        conversations=sum(row.all for row in begun),
        customer_messages=sum(repository.customer_messages(session, period).values()),
        to_human=sum(row.human for row in begun),
        over=sum(row.over for row in begun),
        resolved_by_bot=sum(row.by_bot for row in begun),
        bot_answers=sum(row.all for row in turns),
        missed=sum(row.missed for row in turns),
        first_response_s=_median(first),
        first_response_p90_s=sorted(first)[ceil(0.9 * len(first)) - 1] if first else None,
        waiting_s=_median(_between(one.asked, one.claimed) for one in there),
        resolution_s=_median(_resolutions(facts)),
        left_messages=len(facts) - len(there),
        ratings=sum(stars.values()),
        stars=_mean([number for number, count in stars.items() for _ in range(count)]),
        satisfied=sum(count for number, count in stars.items() if number >= 4),
        thumbs_up=thumbs.get("up", 0),
        thumbs_down=thumbs.get("down", 0),
    )


def _by_time(session: Session, period: Period) -> tuple[list[Day], list[list[int]]]:
    """Each day of the period, and each hour of the week."""
    days = {
        day: Counter[str]() for day in period.days
    }  # also those on which nothing was: a chart shows them
    hours = [[0] * 24 for _ in range(7)]
    for begun in repository.begun(session, period, now() - QUIET):
        days[period.local(begun.quarter).date()].update(
            conversations=begun.all, to_human=begun.human, resolved_by_bot=begun.by_bot
        )
    for quarter, count in repository.customer_messages(session, period).items():
        at = period.local(quarter)
        days[at.date()]["customer_messages"] += count
        hours[at.weekday()][at.hour] += count
    for turns in repository.turns(session, period):
        days[period.local(turns.quarter).date()].update(
            missed=turns.missed,
            positive=turns.positive,
            neutral=turns.neutral,
            negative=turns.negative,
        )
    fields = [name for name in Day.model_fields if name != "day"]
    shown = [
        Day.model_validate({"day": day, **{name: counts[name] for name in fields}})
        for day, counts in days.items()
    ]
    return shown, hours


def _by_agent(
    session: Session, period: Period, facts: Sequence[HandoffFacts]
) -> list[AgentFigures]:
    """Whoever took a chat or wrote a reply, the busiest first."""
    names = repository.agents(session)
    replies = repository.replies(session, period)
    taken: dict[str, list[HandoffFacts]] = {agent_id: [] for agent_id in replies}
    for one in facts:
        if one.agent_id is not None and one.claimed is not None:
            taken.setdefault(one.agent_id, []).append(one)
    rows = []
    for agent_id, chats in taken.items():
        stars = [one.rating for one in chats if one.rating is not None]
        rows.append(
            AgentFigures(
                agent_id=agent_id,
                name=names.get(agent_id, ""),
                chats=len(chats),
                replies=replies.get(agent_id, 0),
                first_response_s=_median(
                    _first_responses([one for one in chats if one.kind == "queue"])
                ),
                resolution_s=_median(_resolutions(chats)),
                ratings=len(stars),
                stars=_mean(stars),
            )
        )
    return sorted(rows, key=lambda row: (-row.chats, -row.replies, row.name))


def _missed(session: Session, period: Period) -> list[MissedQuestion]:
    """The same words once, what was asked most often first, then the latest."""
    found: dict[str, MissedQuestion] = {}
    for message in repository.missed(session, period, LOOKED_AT_MISSED):
        text = str(message.content.get("text") or "").strip()
        if not text:
            continue
        if (known := found.get(text.casefold())) is not None:
            known.count += 1
            continue
        found[text.casefold()] = MissedQuestion(
            text=text, count=1, at=message.created_at, conversation_id=message.conversation_id
        )
    return sorted(found.values(), key=lambda one: -one.count)[:SHOWN_MISSED]


def _first_responses(facts: Iterable[HandoffFacts]) -> list[float]:
    """Only what was said before the chat went back or ended answers this asking."""
    return [
        (one.first_reply - one.asked).total_seconds()
        for one in facts
        if one.first_reply is not None and (one.ended is None or one.first_reply <= one.ended)
    ]


def _resolutions(facts: Iterable[HandoffFacts]) -> list[float | None]:
    return [_between(one.asked, one.ended) for one in facts if one.outcome == "closed"]


def _between(start: datetime, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if end else None


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _mean(values: Sequence[int]) -> float | None:
    return round(statistics.fmean(values), 2) if values else None
