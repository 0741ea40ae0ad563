"""What the analytics tell, and what exactly each figure counts. Times are in seconds, days and
hours are the office's."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel


class Figures(BaseModel):
    """The headline figures of a period; null where there was nothing to measure."""

    conversations: int
    """Begun in the period, with at least one message."""
    customer_messages: int
    to_human: int
    """Of those conversations: a human was asked for, or stepped in."""
    over: int
    """Of those: closed, or without a word for an hour."""
    resolved_by_bot: int
    """Of those that are over: no human was asked for, and none wrote."""
    bot_answers: int
    missed: int
    """Questions to which the bot had no answer."""
    first_response_s: float | None
    """Median: from asking for a human until a human's first message. Messages left out of hours
    are not counted, here and in `waiting_s`."""
    first_response_p90_s: float | None
    waiting_s: float | None
    """Median: from asking for a human until an agent took the chat."""
    resolution_s: float | None
    """Median: from asking for a human until an agent closed the chat."""
    left_messages: int
    """A human was asked for while nobody was there."""
    ratings: int
    stars: float | None
    """Mean."""
    satisfied: int
    """Ratings of 4 or 5 stars."""
    thumbs_up: int
    thumbs_down: int


class Day(BaseModel):
    day: date
    conversations: int
    to_human: int
    resolved_by_bot: int
    customer_messages: int
    missed: int
    positive: int
    neutral: int
    negative: int
    """What the customer sounded like, by question to the bot."""


class IntentRow(BaseModel):
    intent: str
    count: int
    missed: int


class AgentFigures(BaseModel):
    agent_id: str
    name: str
    chats: int
    """Taken of those asked for in the period."""
    replies: int
    first_response_s: float | None
    resolution_s: float | None
    ratings: int
    stars: float | None


class MissedQuestion(BaseModel):
    text: str
    count: int
    """Asked in the same words."""
    at: datetime
    """Last."""
    conversation_id: str


class Report(BaseModel):
    first: date
    last: date
    zone: str
    figures: Figures
    before: Figures
    """Of as many days right before."""
    days: list[Day]
    hours: list[list[int]]
    """Customers' messages: Monday to Sunday, 0 to 23 o'clock."""
    intents: list[IntentRow]
    routes: dict[str, int]
    """How the bot came to its answers."""
    reasons: dict[str, int]
    """Why humans were asked for."""
    stars: list[int]
    """How often 1, 2, 3, 4 and 5."""
    agents: list[AgentFigures]
    missed: list[MissedQuestion]
