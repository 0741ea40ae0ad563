"""Asking which was meant: two near intents, or a deed that was asked for too vaguely."""

from __future__ import annotations

from dialogue.aside.answers import only_answers
from dialogue.aside.message import Message, started_form
from dialogue.events import ACTION_LISTEN, ActionExecuted, BotUttered
from dialogue.handoff import HANDOFF_ACTIONS
from dialogue.turn import Turn
from nlu.types import FALLBACK_INTENT

CLARIFY = "action_clarify"
MOST_TASKS = 4
MOST_OFFERED = 3
_POSSIBLE = 0.1
"""Intents less likely than that are not offered, even beside a single other."""


def clarified(turn: Turn, message: Message, weak: bool) -> bool:
    """Offer two intents that are equally likely; never twice in a row. True if it was done."""
    settings = turn.bot.settings
    if message.confidence >= settings.sure_intent and not weak:
        return False
    ranking = [
        score
        for score in message.understanding.intent_ranking
        if score.name != FALLBACK_INTENT
        and (score.name in settings.titles or not settings.titles)
        and turn.bot.policies.rules.knows_intent(score.name.split("/", 1)[0])
        and (turn.tracker.loop_name is not None or score.name not in settings.cancel_intents)
    ]
    deed = is_unsure_of_deed(turn, message)
    likely = [score for score in ranking if score.confidence >= settings.clarify_floor][:2]
    near = (
        len(likely) == 2 and likely[0].confidence - likely[1].confidence < settings.clarify_margin
    )
    if not likely or _last_action(turn) == CLARIFY:
        return False
    if not (near or deed) or all(_harmless(turn, score.name) for score in likely):
        return False
    offered = likely
    if deed and len(likely) == 1:  # a single one is hardly a choice
        offered = [score for score in ranking if score.confidence >= _POSSIBLE][:MOST_OFFERED]
    buttons = [{"title": title(turn, score.name), "payload": f"/{score.name}"} for score in offered]
    if deed:
        none = turn.bot.words.say("none_of_these", turn.language)
        buttons.append({"title": none, "payload": f"/{FALLBACK_INTENT}"})
    text = turn.say("which_help" if deed else "clarify").text
    turn.found.route = "clarify"
    turn.aside(
        CLARIFY,
        [turn.message({"text": text, "buttons": buttons}, source="system")],
        ranking[0].confidence,
    )
    return True


def fragment_question(turn: Turn) -> BotUttered:
    """What is wanted, when a message has only begun to say it: the tasks that the bot can do."""
    rules, titles = turn.bot.policies.rules, turn.bot.settings.titles
    forms = turn.bot.domain.forms
    tasks = [intent for intent in titles if any(a in forms for a in rules.answers(intent))]
    buttons = [{"title": title(turn, i), "payload": f"/{i}"} for i in tasks[:MOST_TASKS]]
    return turn.message({"text": turn.say("fragment").text, "buttons": buttons}, source="system")


def offer_task(turn: Turn, message: Message) -> None:
    """After the answer about a task that the bot could do now, a button to do it."""
    if not can_offer_task(turn, message):
        return
    button = {"title": title(turn, message.intent), "payload": f"/{message.intent}"}
    text = turn.say("offer_task").text
    turn.log(turn.message({"text": text, "buttons": [button]}, source="system"))


def can_offer_task(turn: Turn, message: Message) -> bool:
    return (
        turn.tracker.loop_name is None
        and started_form(turn, message.intent) is not None
        and message.confidence >= turn.bot.settings.clarify_floor
    )


def is_unsure_of_deed(turn: Turn, message: Message) -> bool:
    """Whether the intent does something, and was understood too vaguely for that."""
    settings = turn.bot.settings
    if message.is_payload or message.intent == FALLBACK_INTENT:
        return False
    answers = turn.bot.policies.rules.answers(message.intent)
    if any(action in HANDOFF_ACTIONS for action in answers):
        return message.confidence < settings.sure_intent
    return message.confidence < settings.commit_intent and not _harmless(turn, message.intent)


def _harmless(turn: Turn, intent: str) -> bool:
    """Whether a wrong guess at `intent` costs the customer no more than a strange reply."""
    answers = turn.bot.policies.rules.answers(intent)
    return all(only_answers(action) for action in answers)


def _last_action(turn: Turn) -> str | None:
    for event in reversed(turn.tracker.events):
        if isinstance(event, ActionExecuted) and event.name != ACTION_LISTEN:
            return event.name
    return None


def title(turn: Turn, intent: str) -> str:
    """What `intent` is called on a button, in the customer's language."""
    titles = turn.bot.settings.titles.get(intent) or {}
    return str(titles.get(turn.language) or intent.split("/", 1)[0].replace("_", " "))
