"""What is answered from the order spoken of: can it go back, and a yes to nothing that was asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from .finding import entities_of, order_in, text_of
from .refund import NO_REASON_DAYS, QUALITY_DAYS, refusal, say_refusal
from .store import names_an_order
from .tables import UNSHIPPED, Order
from .words import asks_if_returnable, day, items_of, language_of, refers_back, submits

SHORT = 8
"""A question of so few characters or words means what was spoken of: ``可以退吗``."""


class AnswerReturn(Action):
    """``那个能退吗`` of the order just spoken of; any other question goes to the knowledge."""

    def name(self) -> str:
        return "action_answer_return"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        order = await order_in(tracker) if _means_the_order(tracker) else None
        if order is None:
            return [FollowupAction("action_answer_faq")]
        if response := refusal(order):
            say_refusal(dispatcher, order, response, language_of(tracker))
        else:
            _say_returnable(dispatcher, order, language_of(tracker))
        return [FollowupAction(tracker.active_loop.get("name") or "action_listen")]


def _means_the_order(tracker: Tracker) -> bool:
    text = text_of(tracker)
    if not asks_if_returnable(text):
        return False
    about_a_product = any(entity["entity"] == "product" for entity in entities_of(tracker))
    length = len(text.split()) if text.isascii() else len(text)
    return names_an_order(text) or refers_back(text) or (length <= SHORT and not about_a_product)


def _say_returnable(dispatcher: CollectingDispatcher, order: Order, language: str) -> None:
    about = {"order_number": order.number, "items": items_of(order, language)}
    if order.status in UNSHIPPED:
        dispatcher.utter_message(response="utter_returnable_unshipped", **about)
    elif order.delivered_on is None:
        dispatcher.utter_message(response="utter_returnable_on_its_way", **about)
    else:
        no_reason = order.delivered_on + timedelta(days=NO_REASON_DAYS[order.tier])
        faulty = order.delivered_on + timedelta(days=QUALITY_DAYS)
        dispatcher.utter_message(
            response="utter_returnable",
            delivered_on=day(order.delivered_on, language),
            no_reason_until=day(no_reason, language),
            faulty_until=day(faulty, language),
            **about,
        )


class AnswerYes(Action):
    """A yes outside every form: once more to what is submitted already, or to nothing."""

    def name(self) -> str:
        return "action_answer_yes"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        if submits(text_of(tracker)) and tracker.get_slot("refund_reference"):
            dispatcher.utter_message(response="utter_submitted_already")
        else:
            dispatcher.utter_message(response="utter_anything_else")
        return []
