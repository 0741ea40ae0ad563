"""Cancelling an order and sending it elsewhere: both only before it leaves, both confirmed first."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from .addresses import destination_in, is_whole, mended
from .finding import OrderForm, Slots, confirmed, known_before, order_in, text_of
from .store import names_an_order, plain, shop
from .tables import MOVING, UNSHIPPED, Order
from .words import items_of, label, language_of, money

PARTS_OF_A_PLACE = "省市区區县縣州路街道镇鎮乡鄉村巷弄里"
SHORTEST_ADDRESS = 6
"""Letters and digits below which no courier finds a door; "上海徐汇区漕溪北路" has 9."""


class UnshippedOrderForm(OrderForm):
    """A form that ends early when the order has left; its action then says what can be done."""

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: DomainDict,
    ) -> list[str]:
        order = await order_in(tracker)
        if order is not None and order.status not in UNSHIPPED:
            return ["order_number"]
        return domain_slots


class ValidateCancelForm(UnshippedOrderForm):
    def name(self) -> str:
        return "validate_cancel_form"

    async def validate_cancel_confirm(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        return {"cancel_confirm": confirmed(value, dispatcher, tracker)}


class AskCancelConfirm(Action):
    def name(self) -> str:
        return "action_ask_cancel_form_cancel_confirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        order = await order_in(tracker)
        if order is not None:
            dispatcher.utter_message(
                response="utter_confirm_cancel",
                order_number=order.number,
                items=items_of(order, language_of(tracker)),
                amount=money(order.total_fen),
            )
        return []


class CancelOrder(Action):
    def name(self) -> str:
        return "action_cancel_order"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        order = await order_in(tracker)
        response = "utter_something_wrong"
        if order is not None:
            response = await self._outcome(order, bool(tracker.get_slot("cancel_confirm")))
            dispatcher.utter_message(
                response=response,
                order_number=order.number,
                amount=money(order.total_fen),
                status=label("status", order.status, language_of(tracker)),
            )
        else:
            dispatcher.utter_message(response=response)
        return [SlotSet("cancel_confirm", None)]

    @staticmethod
    async def _outcome(order: Order, confirmed: bool) -> str:
        if order.status in (*MOVING, "delivered"):
            return "utter_cannot_cancel_shipped"
        if order.status not in UNSHIPPED:
            return "utter_cannot_cancel_closed"
        if not confirmed:
            return "utter_order_kept"
        left = not await shop().cancel(order.number)
        return "utter_cannot_cancel_shipped" if left else "utter_order_cancelled"


def names_a_street(address: str) -> bool:
    """Whether a courier would find it: ``3 栋 1102`` corrects an address and is none itself."""
    return len(address.split()) > 2 or any(part in address for part in PARTS_OF_A_PLACE)


def _mends(tracker: Tracker) -> str | None:
    """The address given before, as the latest message corrects a part of it."""
    before = known_before(tracker, "new_address")
    text = text_of(tracker)
    if not before or text.startswith("/") or is_whole(text):
        return None
    after = mended(str(before), text)
    return after if after != before else None


class ValidateAddressForm(UnshippedOrderForm):
    def name(self) -> str:
        return "validate_address_form"

    async def extract_new_address(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        after = _mends(tracker)
        if after is None and not tracker.get_slot("new_address"):
            after = destination_in(text_of(tracker))
        return {"new_address": after} if after else {}

    async def validate_order_number(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        if _mends(tracker) and not names_an_order(str(value)):  # "room 1705" is no order's tail
            return {"order_number": known_before(tracker, "order_number")}
        return await super().validate_order_number(value, dispatcher, tracker, domain)

    async def validate_new_address(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        address = destination_in(str(value)) or plain(str(value))
        too_short = sum(letter.isalnum() for letter in address) < SHORTEST_ADDRESS
        if too_short or not names_a_street(address):
            dispatcher.utter_message(response="utter_address_too_short")
            return {"new_address": None}
        return {"new_address": address}

    async def validate_address_confirm(
        self, value: Any, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> Slots:
        if _mends(tracker) is not None:
            return {"address_confirm": None}
        return {"address_confirm": confirmed(value, dispatcher, tracker)}


class AskAddressConfirm(Action):
    def name(self) -> str:
        return "action_ask_address_form_address_confirm"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_confirm_address")
        return []


class ChangeAddress(Action):
    def name(self) -> str:
        return "action_change_address"

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        order = await order_in(tracker)
        new_address = tracker.get_slot("new_address")
        if order is None:
            dispatcher.utter_message(response="utter_something_wrong")
        else:
            changed = tracker.get_slot("address_confirm") and await shop().change_address(
                order.number, new_address
            )
            if changed:
                response = "utter_address_changed"
            elif order.status in UNSHIPPED:
                response = "utter_address_unchanged"
            else:
                response = "utter_cannot_change_address"
            dispatcher.utter_message(
                response=response,
                order_number=order.number,
                new_address=new_address,
                address=order.address,
                status=label("status", order.status, language_of(tracker)),
            )
        return [SlotSet("new_address", None), SlotSet("address_confirm", None)]
