"""What an agent is told of a conversation that the bot gives away."""

from __future__ import annotations

from dialogue.events import ACTION_LISTEN, ACTION_SESSION_START, ActionExecuted, UserUttered
from dialogue.replies.words import Words
from dialogue.tracker import Tracker
from dialogue.types import Handoff, HandoffReason
from nlu.types import Language

HANDOFF_ACTIONS = ("action_handoff", "action_human_handoff")
_SAID = 3
_TRIED = 5


def handoff_of(
    tracker: Tracker, words: Words, language: Language, reason: HandoffReason
) -> Handoff:
    """The request for a human: what the customer said last and what was tried."""
    said = [e.text for e in tracker.events if isinstance(e, UserUttered) and e.text]
    tried = [
        e.name
        for e in tracker.events
        if isinstance(e, ActionExecuted)
        and e.name not in (ACTION_LISTEN, ACTION_SESSION_START, *HANDOFF_ACTIONS)
    ]
    nothing = words.say("summary_nothing", language)
    summary = words.say(
        "summary",
        language,
        said=" / ".join(said[-_SAID:]) or nothing,
        tried="、".join(dict.fromkeys(tried[-_TRIED:])) or nothing,
    )
    slots = {name: value for name, value in tracker.slots.items() if value is not None}
    return Handoff(reason, summary, slots)
