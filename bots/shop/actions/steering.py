"""Stopping what is under way, and saying something again."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from .finding import entities_of, response_of

OF_ONE_TASK = (
    "refund_item",
    "refund_reason",
    "refund_confirm",
    "cancel_confirm",
    "new_address",
    "address_confirm",
)


class StopTask(Action):
    """Forgets what the form has gathered; the order stays known, so "it" still means something."""

    def name(self) -> str:
        return "action_stop_task"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_stopped")
        return [SlotSet(slot, None) for slot in OF_ONE_TASK]


ORDERS = {"order_number", "order_tail", "phone"}
FEWEST_OF_FAULT = 2
LATELY = 3
"""Messages of the customer in which a question is not forgotten."""


def _says_more(tracker: Tracker) -> bool:
    """Whether more is told of a product than its name: ``被子开线了``."""
    spans = [(entity.get("start"), entity.get("end")) for entity in entities_of(tracker)]
    named = sum(end - start for start, end in spans if start is not None and end is not None)
    return len(tracker.latest_message.get("text") or "") >= named + FEWEST_OF_FAULT


def _asked_which_refund(events: list[dict[str, Any]]) -> bool:
    """Whether the customer was lately asked which refund is meant, and asked something back."""
    messages = 0
    for event in reversed(events):
        messages += event["event"] == "user"
        response = response_of(event)
        if messages > LATELY or response == "utter_refund_progress":
            return False
        if response == "utter_ask_which_refund":
            return True
    return False


class TakeUp(Action):
    """Asks what is to be done with what was told, where nothing had been asked."""

    def name(self) -> str:
        return "action_take_up"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        told = {entity["entity"] for entity in entities_of(tracker)}
        if told & ORDERS and _asked_which_refund(tracker.events):
            return [FollowupAction("action_refund_progress")]
        is_fault = "reason" in told or (told == {"product"} and _says_more(tracker))
        dispatcher.utter_message(
            response="utter_ask_about_fault" if is_fault else "utter_ask_order_or_topic"
        )
        return []


class Repeat(Action):
    """Says the bot's last messages again. In a form the form itself asks again, so nothing."""

    def name(self) -> str:
        return "action_repeat"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        if tracker.active_loop.get("name"):
            return []
        said = self._last_said(tracker.events)
        for event in said:
            buttons = (event.get("data") or {}).get("buttons")
            dispatcher.utter_message(text=event["text"], buttons=buttons)
        if not said:
            dispatcher.utter_message(response="utter_nothing_to_repeat")
        return []

    @staticmethod
    def _last_said(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The bot's texts between the last two messages of the customer that had an answer."""
        said: list[dict[str, Any]] = []
        for event in reversed(events):
            if event["event"] == "bot" and event.get("text"):
                said.append(event)
            elif event["event"] == "user" and said:
                break
        return said[::-1]
