"""The refund form: which order, which piece, why, whom to text, and a last look before it counts."""

from __future__ import annotations

from datetime import date
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from .finding import OrderForm, Slots, confirmed, entities_of, order_in
from .store import PHONE, AlreadyRefunded, plain, shop
from .tables import UNSHIPPED, Item, Order
from .words import (
    ALL,
    day,
    item_name,
    label,
    language_of,
    masked,
    means_everything,
    money,
    product_in,
    reason_in,
)

QUALITY_DAYS = 15
NO_REASON_DAYS = {"silver": 7, "gold": 15, "evergreen": 15}
NEEDS_NO_FAULT = ("not_wanted", "other")
"""Reasons that are the customer's own choice and have the shorter window."""
ASKED_EACH_TIME = ("refund_item", "refund_reason", "refund_confirm")


def days_since_delivery(order: Order) -> int | None:
    return None if order.delivered_on is None else (date.today() - order.delivered_on).days


def refusal(order: Order) -> str | None:
    """The response that says why this order cannot be refunded, or None if it can."""
    if order.status == "unpaid":
        return "utter_refund_unpaid"
    if order.status == "cancelled":
        return "utter_refund_cancelled_order"
    if order.refunds:
        return "utter_refund_already"
    days = days_since_delivery(order)
    return "utter_refund_too_late" if days is not None and days > QUALITY_DAYS else None


def too_late_without_fault(order: Order, reason: str) -> bool:
    days = days_since_delivery(order)
    return reason in NEEDS_NO_FAULT and days is not None and days > NO_REASON_DAYS[order.tier]


def item_in(order: Order, text: str) -> str | None:
    """The product of `order` that `text` names, ``all`` for everything, None for neither."""
    if means_everything(text):
        return ALL
    product = product_in(text)
    if product is None:
        named = [item.product for item in order.items if _is_part_of_name(text, item)]
        product = named[0] if len(named) == 1 else None
    return product if product in {item.product for item in order.items} else None


def _is_part_of_name(text: str, item: Item) -> bool:
    """``锅`` is a 不粘锅, where the order has but one."""
    names = (item_name(item, "zh"), item_name(item, "en"))
    return any(plain(text).lower() in name.lower() for name in names)


def amount_fen(order: Order, product: str) -> int:
    if product == ALL:
        return order.total_fen
    return sum(i.price_fen * i.quantity for i in order.items if i.product == product)


class ValidateRefundForm(OrderForm):
    def name(self) -> str:
        return "validate_refund_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        order = await order_in(tracker)
        if order is None:
            return domain_slots
        if refusal(order):
            # Nothing more to ask: action_submit_refund explains why not.
            return ["order_number"]
        if len(order.items) == 1:
            return [slot for slot in domain_slots if slot != "refund_item"]
        return domain_slots

    def known_from(self, order: Order, tracker: Tracker) -> Slots:
        known: Slots = {}
        if not tracker.get_slot("contact_phone") and order.phone:
            known["contact_phone"] = order.phone
        given = tracker.get_slot("refund_item")
        if given is not None:
            known["refund_item"] = item_in(order, given)
        return known

    async def validate_refund_item(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        order = await order_in(tracker)
        if order is None:
            return {"refund_item": value}
        product = item_in(order, str(value))
        tells_why = {"reason"} == {entity.get("entity") for entity in entities_of(tracker)}
        if product is None and not tells_why:  # else the reason was told early; just ask again
            dispatcher.utter_message(
                response="utter_item_not_in_order",
                order_number=order.number,
                given=plain(str(value))[:40],
            )
        return {"refund_item": product}

    async def validate_refund_reason(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        reason = reason_in(str(value))
        if reason is None:
            dispatcher.utter_message(response="utter_reason_unclear")
            return {"refund_reason": None}
        order = await order_in(tracker)
        if order is not None and too_late_without_fault(order, reason):
            dispatcher.utter_message(
                response="utter_refund_reason_too_late", order_number=order.number
            )
            return {"refund_reason": None}
        return {"refund_reason": reason}

    async def validate_contact_phone(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        digits = plain(str(value)).replace(" ", "").replace("-", "").removeprefix("+86")
        found = PHONE.search(digits)
        if found is None:
            dispatcher.utter_message(response="utter_phone_wrong")
            return {"contact_phone": None}
        return {"contact_phone": found[0]}

    async def validate_refund_confirm(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        return {"refund_confirm": confirmed(value, dispatcher, tracker)}


class AskRefundItem(Action):
    def name(self) -> str:
        return "action_ask_refund_form_refund_item"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        order, language = await order_in(tracker), language_of(tracker)
        choices = (
            [(item_name(item, language), item.product) for item in order.items] if order else []
        )
        choices.append((label("other", "whole_order", language), ALL))
        buttons = [
            {"title": title, "payload": f'/inform{{"product": "{product}"}}'}
            for title, product in choices
        ]
        dispatcher.utter_message(response="utter_ask_refund_item", buttons=buttons)
        return []


class AskRefundConfirm(Action):
    def name(self) -> str:
        return "action_ask_refund_form_refund_confirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        order, language = await order_in(tracker), language_of(tracker)
        if order is None:
            return []
        product = _product(order, tracker)
        dispatcher.utter_message(
            response="utter_confirm_refund",
            order_number=order.number,
            item=label("products", product, language),
            amount=money(amount_fen(order, product)),
            reason=label("reasons", tracker.get_slot("refund_reason") or "other", language),
            phone=masked(tracker.get_slot("contact_phone") or ""),
        )
        return []


class SubmitRefund(Action):
    def name(self) -> str:
        return "action_submit_refund"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        order = await order_in(tracker)
        done: list[dict[str, Any]] = [SlotSet(slot, None) for slot in ASKED_EACH_TIME]
        if order is None:
            dispatcher.utter_message(response="utter_something_wrong")
        elif response := refusal(order):
            say_refusal(dispatcher, order, response, language_of(tracker))
        elif not tracker.get_slot("refund_confirm"):
            dispatcher.utter_message(response="utter_refund_not_submitted")
        else:
            done.append(SlotSet("refund_reference", await _submit(dispatcher, order, tracker)))
        return done


def _product(order: Order, tracker: Tracker) -> str:
    return order.items[0].product if len(order.items) == 1 else tracker.get_slot("refund_item")


def say_refusal(
    dispatcher: CollectingDispatcher, order: Order, response: str, language: str
) -> None:
    refund = order.refunds[-1] if order.refunds else None
    dispatcher.utter_message(
        response=response,
        order_number=order.number,
        delivered_on=day(order.delivered_on, language),
        reference=refund.reference if refund else "",
        amount=money(refund.amount_fen) if refund else "",
        status=label("refund_status", refund.status, language) if refund else "",
    )


async def _submit(dispatcher: CollectingDispatcher, order: Order, tracker: Tracker) -> str | None:
    product = _product(order, tracker)
    unshipped = order.status in UNSHIPPED
    try:
        refund = await shop().create_refund(
            order.number,
            product=product,
            amount_fen=amount_fen(order, product),
            reason=tracker.get_slot("refund_reason") or "other",
            phone=tracker.get_slot("contact_phone") or "",
        )
    except AlreadyRefunded:
        # Another window was faster; say what it did.
        again = await shop().order(order.number)
        if again is not None:
            say_refusal(dispatcher, again, "utter_refund_already", language_of(tracker))
        return tracker.get_slot("refund_reference")
    dispatcher.utter_message(
        response="utter_refund_submitted",
        reference=refund.reference,
        amount=money(refund.amount_fen),
    )
    dispatcher.utter_message(
        response="utter_refund_next_unshipped" if unshipped else "utter_refund_next_return"
    )
    return refund.reference
