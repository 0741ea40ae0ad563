"""A task inside a task: when a message leaves the open form, and the way back to it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from dialogue.aside.doubt import answering_intents
from dialogue.decisions import LOOP, MEMORY, RULES, Decision
from dialogue.domain import Domain, Form
from dialogue.events import (
    ACTION_LISTEN,
    ActionExecuted,
    ActionRejected,
    ActiveLoop,
    Event,
    LoopInterrupted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from dialogue.handoff import HANDOFF_ACTIONS
from dialogue.replies.cues import Cues
from dialogue.tracker import ASIDE_POLICY, Tracker
from dialogue.turn import Turn
from nlu.types import FALLBACK_INTENT

CANCEL = "action_cancel_form"
_GIVEN_UP = frozenset({CANCEL, "action_deactivate_loop", *HANDOFF_ACTIONS})
_MOST_BESIDES = 3
"""An entity with so few letters besides (``it's A10023``) is still nothing but the entity."""
_LETTERS_OF_A_HAN = 3
"""One Chinese character says as much as so many letters of an alphabet: ``漏水了`` is a sentence."""


def leaves_form(turn: Turn, form: Form, uttered: UserUttered, cues: Cues) -> bool:
    """Whether the message asks for something else, though a value for the form is in it.

    ``订单 A10023 到哪了？`` inside a refund asks where the order is; ``A10023`` by itself answers.
    """
    settings = turn.bot.settings
    intent = uttered.intent
    if intent in (None, FALLBACK_INTENT) or uttered.confidence < settings.sure_intent:
        return False
    requested = turn.tracker.requested_slot
    if requested and intent in answering_intents(turn.tracker, requested):
        return False
    if only_entities(uttered, cues):
        return False
    refused = turn.tracker.copy_with([ActionRejected(form.name)])
    own = turn.bot.policies.decide(refused).decision
    return own.policy in (RULES, MEMORY) and own.action not in (ACTION_LISTEN, form.name)


def only_entities(uttered: UserUttered, cues: Cues) -> bool:
    """Whether the message is a value and hardly a word around it but what names the value.

    Worked example: ``订单号是A10031`` is; ``加湿器漏水了`` tells of more than a humidifier.
    """
    text = list(uttered.text or "")
    found = False
    for entity in uttered.entities:
        if entity.start is not None and entity.end is not None and entity.end > entity.start:
            found = True
            text[entity.start : entity.end] = " " * (entity.end - entity.start)
    besides = cues.without_naming("".join(text))
    return found and sum(map(_letters, besides)) <= _MOST_BESIDES


def _letters(char: str) -> int:
    if unicodedata.category(char)[0] not in "LN":
        return 0
    return _LETTERS_OF_A_HAN if unicodedata.category(char) == "Lo" else 1


async def back_to_form(turn: Turn, form: Form, policy: str = ASIDE_POLICY) -> None:
    """Ask the form's question again, after something else was answered."""
    turn.log(turn.say("back_to_form"))
    turn.log(LoopInterrupted(True))
    await turn.take(Decision(form.name, policy, 1.0))
    turn.log(ActionExecuted(ACTION_LISTEN))


async def answer_outside(turn: Turn, form: Form) -> None:
    """Answer the latest message as if the form did not ask; the rules bring the form back."""
    turn.skip_text_of = frozenset(form.required_slots)
    turn.log(ActionRejected(form.name))
    await turn.fill_slots()
    await turn.run_until_listening()


def just_done(turn: Turn) -> Form | None:
    """The form that came to its end in the customer's message before this one."""
    messages = 0
    ended = False
    for event in reversed(turn.tracker.events):
        match event:
            case UserUttered():
                messages += 1
            case SessionStarted():
                return None
            case ActionExecuted(name=name) if name in _GIVEN_UP:
                return None
            case ActiveLoop(name=None):
                ended = messages == 1
            case ActiveLoop(name=str(name)):
                return turn.bot.domain.forms.get(name) if ended else None
        if messages > 1 and not ended:
            return None
    return None


@dataclass(frozen=True, slots=True)
class Left:
    """A form that another one took the place of."""

    form: str
    known: int
    """Events before the message that left it: what the form knew then."""
    inner: str


def left_form(events: Sequence[Event]) -> Left | None:
    """The form to go back to now that no form is open, if one was left and not given up."""
    stack: list[Left] = []
    current: str | None = None
    heard = 0
    for index, event in enumerate(events):
        match event:
            case UserUttered():
                heard = index
                if current is None:
                    stack.clear()
            case ActiveLoop(name=None):
                current = None
            case ActiveLoop(name=str(name)):
                if stack and stack[-1].form == name:
                    stack.pop()
                elif current not in (None, name):
                    stack.append(Left(str(current), heard, name))
                current = name
            case SessionStarted():
                stack.clear()
            case ActionExecuted(name=name) if name in _GIVEN_UP:
                stack.clear()
    return stack[-1] if stack and current is None else None


def _looked_up_on_the_way(domain: Domain, left: Left) -> bool:
    """A form that asks for nothing else than the outer one was a look, not a change of mind."""
    outer, inner = domain.forms.get(left.form), domain.forms.get(left.inner)
    return (
        outer is not None
        and inner is not None
        and not (set(inner.required_slots) - set(outer.required_slots))
    )


async def return_to_left_form(turn: Turn) -> None:
    """Take up the form that was left for a question that is answered now."""
    tracker = turn.tracker
    if turn.handoff is not None or tracker.loop_name is not None:
        return
    events = tracker.events_after_restart()
    left = left_form(events)
    if left is None or not _looked_up_on_the_way(turn.bot.domain, left):
        return
    form = turn.bot.domain.forms[left.form]
    before = Tracker.of(turn.bot.domain, events[: left.known]).slots
    for name in form.required_slots:
        if before.get(name) is not None and before[name] != tracker.slots.get(name):
            turn.log(SlotSet(name, before[name]))
    turn.keep_slots = True
    await back_to_form(turn, form, LOOP)
    turn.keep_slots = False
