"""What an agent is told of a conversation that the bot gives away."""

from __future__ import annotations

from collections.abc import Iterator

from dialogue.bot import Bot
from dialogue.events import UserUttered
from dialogue.tracker import Tracker
from dialogue.types import Handoff, HandoffReason
from nlu.types import Language

HANDOFF_ACTIONS = ("action_handoff", "action_human_handoff")
_SAID = 3
_WANTED = 3


def handoff_of(tracker: Tracker, bot: Bot, language: Language, reason: HandoffReason) -> Handoff:
    """The request for a human: what the customer came for, what they said last, what is known."""
    said = [e.text for e in tracker.events if isinstance(e, UserUttered) and e.text]
    wanted = list(dict.fromkeys(_wanted(tracker, bot, language)))
    summary = bot.words.say(
        "summary" if wanted else "summary_said",
        language,
        wanted=bot.words.say("and", language).join(wanted[-_WANTED:]),
        said=" / ".join(said[-_SAID:]) or bot.words.say("summary_nothing", language),
    )
    slots = {name: value for name, value in tracker.slots.items() if value is not None}
    return Handoff(reason, summary, slots)


def _wanted(tracker: Tracker, bot: Bot, language: Language) -> Iterator[str]:
    """What the messages' intents are called; those of small talk have no title."""
    for event in tracker.events:
        if isinstance(event, UserUttered) and event.intent not in bot.settings.human_intents:
            title = (bot.settings.titles.get(event.intent or "") or {}).get(language)
            if title:
                yield str(title)
