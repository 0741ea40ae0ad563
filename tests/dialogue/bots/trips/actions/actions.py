"""Custom code of a bot in Rasa's format: validation, global slots, reminders, follow-ups."""

from __future__ import annotations

import datetime
from typing import Any

from rasa_sdk import Action, FormValidationAction, Tracker, ValidationAction
from rasa_sdk.events import (
    FollowupAction,
    ReminderCancelled,
    ReminderScheduled,
    SlotSet,
    UserUtteranceReverted,
)
from rasa_sdk.executor import CollectingDispatcher

Events = list[dict[str, Any]]


class ValidateBookForm(FormValidationAction):
    def name(self) -> str:
        return "validate_book_form"

    async def required_slots(
        self,
        domain_slots: list[str],
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> list[str]:
        many = float(tracker.get_slot("seats") or 0) > 4
        return [*domain_slots, *(["extra"] if many else [])]

    async def extract_extra(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        if tracker.get_slot("requested_slot") != "extra":
            return {}
        return {"extra": tracker.latest_message.get("text")}


class ValidateSlots(ValidationAction):
    async def extract_mood(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> dict[str, Any]:
        _, told, mood = (tracker.latest_message.get("text") or "").partition("mood ")
        return {"mood": mood} if told else {}

    def validate_origin(
        self,
        value: str,
        dispatcher: CollectingDispatcher,
        tracker: Tracker,
        domain: dict[str, Any],
    ) -> dict[str, Any]:
        return {"origin": value.upper()}


class Count(Action):
    def name(self) -> str:
        return "action_count"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        counted = (tracker.get_slot("counted") or 0) + 1
        return [SlotSet("counted", counted), FollowupAction("utter_bye")]


class Remind(Action):
    def name(self) -> str:
        return "action_remind"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        when = datetime.datetime.now() + datetime.timedelta(seconds=5)
        one, two = (
            ReminderScheduled(intent, when, name=intent, kill_on_user_message=False)
            for intent in ("greet", "ask_weather")
        )
        return [one, two]


class Forget(Action):
    def name(self) -> str:
        return "action_forget"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        return [ReminderCancelled(name="greet")]


class MakeVip(Action):
    def name(self) -> str:
        return "action_make_vip"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        return [SlotSet("vip", True), FollowupAction("utter_greet")]


class OwnFallback(Action):
    def name(self) -> str:
        return "action_default_fallback"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> Events:
        dispatcher.utter_message(text="own words")
        return [UserUtteranceReverted()]
