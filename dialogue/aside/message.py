"""The customer's message of a turn, and what it would set going."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dialogue.aside.knowledge_actions import KNOWLEDGE_ACTIONS
from dialogue.domain import Form
from dialogue.events import ACTION_LISTEN, ActionExecuted, SessionStarted, UserUttered
from dialogue.replies.cues import Cues
from dialogue.turn import Turn
from nlu.types import FALLBACK_INTENT, IntentScore, Understanding

_AS_SURE = 0.9


@dataclass(slots=True)
class Message:
    """The customer's message in this turn."""

    understanding: Understanding
    uttered: UserUttered
    is_payload: bool

    @property
    def text(self) -> str:
        return self.understanding.said

    @property
    def intent(self) -> str:
        return self.uttered.intent or FALLBACK_INTENT

    @property
    def confidence(self) -> float:
        return self.understanding.intent.confidence


def asked_in(turn: Turn, understanding: Understanding, cues: Cues) -> Understanding:
    """`understanding` of the question alone, for a search: without how the message leads up to it,
    with what was spoken of before in place of ``it``, and as the question before, where only its
    subject is another: ``那水壶呢``."""
    question = cues.question_of(understanding.said)
    if (before := _asked_before(turn, question, understanding.said, cues)) is not None:
        question = before.question
    elif not understanding.entities and (subject := _spoken_of(turn)):
        question = cues.with_referent(question, subject)
    if question == understanding.said:
        return understanding
    return replace(understanding, text=question, read_as=None, vector=None)


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


@dataclass(frozen=True, slots=True)
class _Before:
    question: str
    intent: str


def as_question_before(turn: Turn, understanding: Understanding, cues: Cues) -> Understanding:
    """`understanding`, or the same with the intent of the question that it only asks of another
    subject: ``那水壶呢`` after ``空气炸锅能洗吗``."""
    question = cues.question_of(understanding.said)
    before = _asked_before(turn, question, understanding.said, cues)
    if before is None:
        return understanding
    score = IntentScore(before.intent, max(understanding.intent.confidence, _AS_SURE))
    return replace(understanding, intent=score)


def _asked_before(turn: Turn, question: str, text: str, cues: Cues) -> _Before | None:
    """The question that was answered last, about what `question` puts in its subject's place."""
    instead = cues.instead_of(question)
    if instead is None or turn.tracker.loop_name is not None:
        return None
    answered = False
    for event in reversed(turn.tracker.events):
        match event:
            case ActionExecuted(name=name) if name != ACTION_LISTEN:
                answered = answered or name in KNOWLEDGE_ACTIONS
            case SessionStarted():
                return None
            case UserUttered(text=str(said), intent=str(intent)) if said != text or answered:
                spans = [e for e in event.entities if e.start is not None and e.end]
                if not answered or not spans:
                    return None
                start, end = spans[-1].start, spans[-1].end
                return _Before(f"{said[:start]}{instead}{said[end:]}", intent)
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
