"""When a human is needed: on request, on anger, after misses."""

from __future__ import annotations

from dialogue.aside.message import Message
from dialogue.events import ACTION_LISTEN, ActionExecuted, BotUttered, UserUttered
from dialogue.replies.cues import Cues
from dialogue.turn import Turn
from dialogue.types import HandoffReason

HANDOFF = "action_handoff"


def wants_human(turn: Turn, message: Message, cues: Cues) -> bool:
    """Whether the message asks for a human and no rule of the bot's own answers that."""
    settings = turn.bot.settings
    if message.intent in settings.human_intents and message.confidence >= settings.sure_intent:
        return not turn.bot.policies.rules.knows_intent(message.intent)
    return not message.is_payload and cues.asks_for_human(message.text)


def declines_human(turn: Turn, message: Message, cues: Cues) -> bool:
    """Whether a human is spoken of, and not wanted: ``别转人工``."""
    if message.is_payload or message.intent not in turn.bot.settings.human_intents:
        return False
    return cues.declines_human(message.text)


def is_angry(turn: Turn, message: Message) -> bool:
    """Furious, or angry twice in a row."""
    settings = turn.bot.settings
    mood = message.understanding.sentiment
    if mood.label != "negative" or mood.strength < settings.anger_strength:
        return False
    if message.intent in settings.calm_intents:
        return False
    if mood.strength >= settings.anger_extreme:
        return True
    earlier = [e for e in turn.tracker.events if isinstance(e, UserUttered)]
    before = earlier[-2].parse_data.get("sentiment") if len(earlier) > 1 else None
    return bool(
        before
        and before.get("label") == "negative"
        and before.get("strength", 0.0) >= settings.anger_strength
    )


def hand_over(turn: Turn, reason: HandoffReason) -> None:
    """Ask for a human, with words that fit the reason."""
    turn.found.route = "handoff"
    turn.hand_over(reason)
    turn.aside(HANDOFF, [turn.say(f"handoff_{reason}")])
    turn.log(ActionExecuted(ACTION_LISTEN))


def misses(turn: Turn) -> int:
    """How many turns before this one ended, in a row, without an answer.

    A human's help or an answer in between starts the count anew.
    """
    count = 0
    missed = False
    answered = False
    seen_user = 0
    for event in reversed(turn.tracker.events):
        if isinstance(event, BotUttered) and seen_user:
            if event.metadata.get("handed_back"):
                return count
            if (event.metadata.get("lingxi") or {}).get("miss"):
                missed = True
            elif event.text or event.data:
                answered = True
        elif isinstance(event, ActionExecuted) and event.name == HANDOFF and seen_user:
            return count
        elif isinstance(event, UserUttered):
            if seen_user and not missed:
                return count
            if seen_user and missed:
                count += 1
            seen_user += 1
            missed = answered = False
    return count + (1 if missed and not answered and seen_user else 0)


def is_one_miss_too_many(turn: Turn) -> bool:
    """Whether this miss, on top of those before, is as many as the settings allow."""
    return misses(turn) + 1 >= turn.bot.settings.misses_before_handoff
