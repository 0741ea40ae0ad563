"""The customer's message of a turn, and what it would set going."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dialogue.domain import Form
from dialogue.events import SessionStarted, UserUttered
from dialogue.replies.cues import Cues
from dialogue.turn import Turn
from nlu.types import FALLBACK_INTENT, Understanding


@dataclass(slots=True)
class Message:
    """The customer's message in this turn."""

    understanding: Understanding
    uttered: UserUttered
    is_payload: bool

    @property
    def text(self) -> str:
        return self.understanding.text

    @property
    def intent(self) -> str:
        return self.uttered.intent or FALLBACK_INTENT

    @property
    def confidence(self) -> float:
        return self.understanding.intent.confidence


def asked_in(turn: Turn, understanding: Understanding, cues: Cues) -> Understanding:
    """`understanding` of the question alone, for a search: without how the message leads up to it,
    and with what was spoken of before in place of ``it``."""
    question = cues.question_of(understanding.text)
    if not understanding.entities and (subject := _spoken_of(turn)):
        question = cues.with_referent(question, subject)
    if question == understanding.text:
        return understanding
    return replace(understanding, text=question, vector=None)


def _spoken_of(turn: Turn) -> str | None:
    """What the customer last named, if it is of a kind that ``it`` means in this bot."""
    kinds = turn.bot.settings.subject_entities
    for event in reversed(turn.tracker.events):
        if isinstance(event, SessionStarted) or not kinds:
            return None
        if isinstance(event, UserUttered):
            for entity in reversed(event.entities):
                if entity.entity in kinds and entity.start is not None:
                    return (event.text or "")[entity.start : entity.end] or None
    return None


def started_form(turn: Turn, intent: str) -> str | None:
    """The form that `intent` opens."""
    forms = turn.bot.domain.forms
    return next((a for a in turn.bot.policies.rules.answers(intent) if a in forms), None)


def filled_by_entities(turn: Turn, form: Form, message: Message) -> set[str]:
    slots = turn.bot.domain.slots
    return {
        name
        for name in form.required_slots
        if name in slots
        for mapping in slots[name].mappings
        if mapping.type == "from_entity"
        and any(mapping.matches(entity) for entity in message.uttered.entities)
    }
