"""Where is my order, and where is my refund."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from .finding import OrderForm, entities_of, order_in, say_several, text_of, texts_of_task
from .store import has_reference, plain, shop
from .tables import MOVING, UNSHIPPED, Order, Refund
from .words import (
    asks_in_general,
    day,
    items_of,
    label,
    language_of,
    misses_parcel,
    money,
    urges,
)

REFERENCE = re.compile(r"R\d{6}-\d{4}", re.IGNORECASE)


class ValidateTrackForm(OrderForm):
    def name(self) -> str:
        return "validate_track_form"


def say_tracking(dispatcher: CollectingDispatcher, order: Order, language: str) -> None:
    dispatcher.utter_message(
        response="utter_tracking",
        order_number=order.number,
        items=items_of(order, language),
        status=label("status", order.status, language),
    )
    if order.status in ("refunding", "refunded") and order.refunds:
        refund = order.refunds[-1]
        dispatcher.utter_message(
            response=f"utter_tracking_{order.status}",
            reference=refund.reference,
            amount=money(refund.amount_fen),
        )
        return
    last = order.events[-1] if order.events else None
    dispatcher.utter_message(
        response=f"utter_tracking_{order.status}",
        carrier=label("carriers", order.carrier or "", language),
        tracking_number=order.tracking_number,
        eta=day(order.eta, language),
        delivered_on=day(order.delivered_on, language),
        last_event=(last.zh if language == "zh" else last.en) if last else "",
    )


class TrackOrder(Action):
    def name(self) -> str:
        return "action_track_order"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        order = await order_in(tracker)
        if order is None:
            dispatcher.utter_message(
                response="utter_order_not_found", given=tracker.get_slot("order_number") or "?"
            )
            return [SlotSet("order_number", None)]
        say_tracking(dispatcher, order, language_of(tracker))
        if urges(text_of(tracker)) and order.status in (*UNSHIPPED, *MOVING):
            dispatcher.utter_message(response="utter_offer_to_chase")
        if order.status == "delivered" and misses_parcel(texts_of_task(tracker)):
            dispatcher.utter_message(response="utter_delivered_not_found")
        return []


class RefundProgress(Action):
    """Shows the refund the customer means, asking for the order where that is not known.

    What is asked of refunds in general, ``退款多久到账``, the knowledge answers.
    """

    def name(self) -> str:
        return "action_refund_progress"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        told = text_of(tracker)
        intent = (tracker.latest_message.get("intent") or {}).get("name")
        if intent == "inform" and not (has_reference(told) or REFERENCE.search(plain(told))):
            return [FollowupAction("action_take_up")]  # after a refund was shown, of something else
        given = _given(tracker)
        orders = await shop().find(given) if given else []
        refund = await self._refund(tracker, orders)
        if refund is None:
            if tracker.active_loop.get("name") or asks_in_general(told):
                return [FollowupAction("action_answer_faq")]
            return self._ask(dispatcher, language_of(tracker), given, orders)
        dispatcher.utter_message(
            response="utter_refund_progress",
            reference=refund.reference,
            order_number=refund.order_number,
            amount=money(refund.amount_fen),
            status=label("refund_status", refund.status, language_of(tracker)),
        )
        return [SlotSet("refund_reference", refund.reference)]

    @staticmethod
    def _ask(
        dispatcher: CollectingDispatcher, language: str, given: str | None, orders: list[Order]
    ) -> list[dict[str, Any]]:
        """Which order's refund it is, or that there is none; the next message is looked up again."""
        if given is None:
            dispatcher.utter_message(response="utter_ask_which_refund")
            return []
        if len(orders) > 1:
            say_several(dispatcher, orders, language)
            return []
        if not orders:
            dispatcher.utter_message(response="utter_order_not_found", given=given[:40])
            return [SlotSet("order_number", None)]
        dispatcher.utter_message(response="utter_no_refund", order_number=orders[0].number)
        return [SlotSet("order_number", orders[0].number)]

    @staticmethod
    async def _refund(tracker: Tracker, orders: list[Order]) -> Refund | None:
        if found := REFERENCE.search(plain(text_of(tracker))):
            return await shop().refund(found[0])
        if len(orders) == 1 and orders[0].refunds:
            return orders[0].refunds[-1]
        if reference := tracker.get_slot("refund_reference"):
            return await shop().refund(str(reference))
        return None


def _given(tracker: Tracker) -> str | None:
    """What tells the order: a phone number in this message, or an order's number, told at any time."""
    phones = [str(one["value"]) for one in entities_of(tracker) if one["entity"] == "phone"]
    number = tracker.get_slot("order_number")
    return phones[-1] if phones else str(number) if number else None
