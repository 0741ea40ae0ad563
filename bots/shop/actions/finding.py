"""Which order does the customer mean: shared by every form that needs one."""

from __future__ import annotations

import itertools
import re
from abc import abstractmethod
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from .store import has_reference, plain, shop
from .tables import Order
from .words import hesitation_in, items_of, language_of

Slots = dict[str, Any]
CORRECTIONS = {"order_number", "order_tail", "phone", "product", "reason", "address"}
"""Entities that, next to a yes or no, mean "but change this first"."""
MISTYPED = re.compile(r"[A-Za-z]{0,2}\d[\d-]{4,}", re.ASCII)
"""Meant as an order number, though ours look otherwise."""
ASKING = ("utter_several_orders", "utter_order_not_found", "utter_order_unreadable")


def entities_of(tracker: Tracker) -> list[dict[str, Any]]:
    return list(tracker.latest_message.get("entities") or [])


def corrects_something(tracker: Tracker) -> bool:
    return any(entity["entity"] in CORRECTIONS for entity in entities_of(tracker))


async def order_in(tracker: Tracker) -> Order | None:
    return await shop().order(tracker.get_slot("order_number"))


def text_of(tracker: Tracker) -> str:
    """The latest message; one in pinyin as it is read in characters."""
    message = tracker.latest_message
    return str(message.get("read_as") or message.get("text") or "")


def texts_of_task(tracker: Tracker) -> list[str]:
    """What the customer has said since what began the form, with it; the latest first."""
    texts: list[str] = []
    begun = False
    for event in reversed(tracker.events):
        if event["event"] == "active_loop" and event.get("name"):
            begun = True
        elif event["event"] == "user":
            texts.append(event.get("text") or "")
            if begun:
                break
    return texts


def known_before(tracker: Tracker, slot: str) -> Any:
    """What `slot` held before the latest message."""
    events = list(tracker.events)
    last = max((i for i, e in enumerate(events) if e["event"] == "user"), default=0)
    for event in reversed(events[:last]):
        if event["event"] == "slot" and event.get("name") == slot:
            return event.get("value")
    return None


def confirmed(value: Any, dispatcher: CollectingDispatcher, tracker: Tracker) -> Any:
    """`value` of a last question, unless the message corrects or holds back: then not yes.

    "No, the one ending in 8812" is read back once more; "先别取消" is a no, whatever it looks like.
    """
    if corrects_something(tracker):
        return None
    kind = hesitation_in(text_of(tracker))
    if kind == "wait":
        dispatcher.utter_message(response="utter_take_your_time")
        return None
    return False if kind == "refuse" and value else value


def say_several(dispatcher: CollectingDispatcher, orders: list[Order], language: str) -> None:
    """Offer the orders as buttons; five at most, the newest first."""
    buttons = [
        {
            "title": f"{order.number} {items_of(order, language)}",
            "payload": f'/inform{{"order_number": "{order.number}"}}',
        }
        for order in orders[:5]
    ]
    dispatcher.utter_message(response="utter_several_orders", buttons=buttons)


class OrderForm(FormValidationAction):
    """Validates the slot ``order_number`` against the table of orders."""

    @abstractmethod
    def name(self) -> str:
        """``validate_`` and the form; abstract, so that rasa-sdk registers only the real forms."""

    async def validate_order_number(
        self,
        value: Any,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> Slots:
        given = plain(str(value))
        if not has_reference(given):
            said = MISTYPED.search(given)
            if said is None and (corrects_something(tracker) or _open_choice(tracker)):
                return {"order_number": None}  # it tells the reason, or chooses none of them
            response = "utter_order_not_found" if said else "utter_order_unreadable"
            dispatcher.utter_message(response=response, given=said[0] if said else "")
            return {"order_number": None}
        orders = await shop().find(given)
        if not orders:
            dispatcher.utter_message(response="utter_order_not_found", given=given[:40])
            return {"order_number": None}
        if len(orders) > 1:
            say_several(dispatcher, orders, language_of(tracker))
            return {"order_number": None}
        self._mention_others(orders[0].number, dispatcher, tracker)
        return {"order_number": orders[0].number, **self.known_from(orders[0], tracker)}

    def known_from(self, order: Order, tracker: Tracker) -> Slots:
        """Slots that need not be asked once the order is known."""
        return {}

    async def extract_order_number(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        """A phone number finds orders too, told before it was asked for."""
        if tracker.get_slot("order_number"):
            return {}
        phones = [entity["value"] for entity in entities_of(tracker) if entity["entity"] == "phone"]
        return {"order_number": phones[-1]} if phones else {}

    @staticmethod
    def _mention_others(number: str, dispatcher: CollectingDispatcher, tracker: Tracker) -> None:
        said = [
            str(e["value"]).upper() for e in entities_of(tracker) if e["entity"] == "order_number"
        ]
        others = sorted(set(said) - {number})
        if number in said and others:
            dispatcher.utter_message(
                response="utter_one_at_a_time", order_number=number, others=", ".join(others)
            )


class AskOrderNumber(Action):
    """Asks which order, unless the bot has just said why it asks again."""

    response = "utter_ask_order_number"

    def name(self) -> str:
        return "action_ask_order_number"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        if _has_asked(tracker):
            return []
        choice = _open_choice(tracker)
        if choice:
            dispatcher.utter_message(response="utter_several_orders", buttons=choice)
        else:
            dispatcher.utter_message(response=self.response)
        return []


class AskRefundOrderNumber(AskOrderNumber):
    response = "utter_start_refund"

    def name(self) -> str:
        return "action_ask_refund_form_order_number"


def _has_asked(tracker: Tracker) -> bool:
    """Whether the bot has said since the latest message why it asks again."""
    said = itertools.takewhile(_is_bots, reversed(tracker.events))
    return any(response_of(event) in ASKING for event in said)


def _open_choice(tracker: Tracker) -> list[dict[str, Any]]:
    """The orders that were offered before the latest message, which chose none of them."""
    earlier = itertools.dropwhile(_is_bots, reversed(tracker.events))
    next(earlier, None)  # the message
    for event in itertools.takewhile(_is_bots, earlier):
        if response_of(event) == "utter_several_orders":
            return list((event.get("data") or {}).get("buttons") or [])
    return []


def _is_bots(event: dict[str, Any]) -> bool:
    return bool(event["event"] != "user")


def response_of(event: dict[str, Any]) -> str | None:
    """Which response of the domain the bot said."""
    return (event.get("metadata") or {}).get("utter_action") if event["event"] == "bot" else None
