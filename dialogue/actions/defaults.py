"""The actions every bot has, as Rasa defines them. A bot may override each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from dialogue.domain import TWO_STAGE_FALLBACK, Domain
from dialogue.events import (
    ACTION_LISTEN,
    REQUESTED_SLOT,
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from dialogue.tracker import Tracker
from nlu.types import FALLBACK_INTENT

OUT_OF_SCOPE = "out_of_scope"
LISTEN_AFTER = frozenset({"action_default_fallback", "action_back", "action_restart"})
"""They undo a message; the policies would see what was before it and answer that again."""


class Host(Protocol):
    """What default actions need of the turn."""

    tracker: Tracker

    @property
    def bot(self) -> Any: ...

    def utter(
        self, name: str, tracker: Tracker | None = None, extra: Mapping[str, Any] | None = None
    ) -> list[Event]: ...

    def has_response(self, name: str) -> bool: ...

    def say(self, key: str, **values: str) -> BotUttered: ...

    def message(self, content: Mapping[str, Any], **about: Any) -> BotUttered: ...

    async def run_custom(self, name: str, tracker: Tracker) -> list[Event]: ...


async def _uttered(host: Host, name: str) -> list[Event]:
    return host.utter(name) if host.has_response(name) else []


async def restart(host: Host) -> list[Event]:
    return [*await _uttered(host, "utter_restart"), Restarted()]


async def session_start(host: Host) -> list[Event]:
    domain: Domain = host.tracker.domain
    carried: list[Event] = []
    if domain.carry_over_slots:
        initial = domain.initial_slots()
        carried = [
            SlotSet(name, value)
            for name, value in host.tracker.slots.items()
            if value != initial.get(name) and name != REQUESTED_SLOT
        ]
    return [SessionStarted(), *carried, ActionExecuted(ACTION_LISTEN)]


async def default_fallback(host: Host) -> list[Event]:
    """Rasa says nothing without ``utter_default``; a customer should not be left waiting."""
    said = await _uttered(host, "utter_default") or [host.say("rephrase")]
    return [*said, UserUtteranceReverted()]


async def deactivate_loop(host: Host) -> list[Event]:
    return [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]


async def back(host: Host) -> list[Event]:
    said = await _uttered(host, "utter_back")
    return [*said, UserUtteranceReverted(), UserUtteranceReverted()]


async def nothing(host: Host) -> list[Event]:
    return []


async def ask_affirmation(host: Host) -> list[Event]:
    """ "Did you mean ...?" for the intent that was thought of first."""
    message = host.tracker.latest_message
    ranking = (message.parse_data.get("intent_ranking") or []) if message else []
    names = [str(item.get("name")) for item in ranking if item.get("name") != FALLBACK_INTENT]
    intent = names[0] if names else (message.intent if message else None)
    if not intent or intent == FALLBACK_INTENT:
        return await ask_rephrase(host)
    buttons = [
        {"title": host.say("yes").text, "payload": f"/{intent}"},
        {"title": host.say("no").text, "payload": f"/{OUT_OF_SCOPE}"},
    ]
    title = intent.split("/", 1)[0].replace("_", " ")
    text = host.say("ask_affirmation", intent=title).text
    return [host.message({"text": text, "buttons": buttons}, source="system")]


async def ask_rephrase(host: Host) -> list[Event]:
    return await _uttered(host, "utter_ask_rephrase") or [host.say("rephrase")]


async def revert_fallback_events(host: Host) -> list[Event]:
    return [UserUtteranceReverted()]


async def _overridable(host: Host, name: str) -> list[Event]:
    if name in host.tracker.domain.actions:
        return await host.run_custom(name, host.tracker)
    return await ACTIONS[name](host)


def _last_intents(tracker: Tracker, count: int) -> list[str | None]:
    """As they were said: what policies see leaves out the answers that a loop expected."""
    intents: list[str | None] = []
    for event in reversed(tracker.events):
        if isinstance(event, Restarted) or len(intents) == count:
            break
        if isinstance(event, UserUttered | UserUtteranceReverted):
            intents.append(event.intent if isinstance(event, UserUttered) else None)
    return intents[::-1]


async def two_stage_fallback(host: Host) -> list[Event]:
    """Ask whether the best guess is right, then to rephrase, then again; then give up."""
    tracker = host.tracker
    if tracker.loop_name != TWO_STAGE_FALLBACK:
        asked = await _overridable(host, "action_default_ask_affirmation")
        return [ActiveLoop(TWO_STAGE_FALLBACK), *asked]
    last = _last_intents(tracker, 3)
    gave_up = last[-2:] == [FALLBACK_INTENT, FALLBACK_INTENT] or last == [
        OUT_OF_SCOPE,
        FALLBACK_INTENT,
        OUT_OF_SCOPE,
    ]
    if gave_up:
        return [ActiveLoop(None), *await _overridable(host, "action_default_fallback")]
    intent = last[-1] if last else None
    if intent not in (FALLBACK_INTENT, OUT_OF_SCOPE):
        return [ActiveLoop(None), *_clarified(tracker)]
    if intent == FALLBACK_INTENT:
        return await _overridable(host, "action_default_ask_affirmation")
    return await _overridable(host, "action_default_ask_rephrase")


def _clarified(tracker: Tracker) -> list[Event]:
    """Undo the misunderstanding; what is left is as if the last message had come at once."""
    message = tracker.latest_message
    if message is None:
        return []
    events: list[Event] = [UserUtteranceReverted()]
    intents = [e.intent for e in tracker.applied if isinstance(e, UserUttered)][:-1]
    while intents and intents.pop() in (FALLBACK_INTENT, OUT_OF_SCOPE):
        events.append(UserUtteranceReverted())
    parse = dict(message.parse_data)
    parse["intent"] = {"name": message.full_intent or message.intent, "confidence": 1.0}
    sure = replace(message, confidence=1.0, parse_data=parse, timestamp=0.0)
    return [*events, ActionExecuted(ACTION_LISTEN), sure]


ACTIONS: Mapping[str, Callable[[Host], Awaitable[list[Event]]]] = {
    "action_restart": restart,
    "action_session_start": session_start,
    "action_default_fallback": default_fallback,
    "action_deactivate_loop": deactivate_loop,
    "action_revert_fallback_events": revert_fallback_events,
    "action_default_ask_affirmation": ask_affirmation,
    "action_default_ask_rephrase": ask_rephrase,
    "action_two_stage_fallback": two_stage_fallback,
    "action_unlikely_intent": nothing,
    "action_back": back,
    "action_extract_slots": nothing,
    "action_answer_faq": nothing,
}
