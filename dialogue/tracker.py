"""The state of a conversation, folded from its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dialogue.domain import Domain
from dialogue.events import (
    ACTION_LISTEN,
    REQUESTED_SLOT,
    ActionExecuted,
    ActionRejected,
    ActionReverted,
    ActiveLoop,
    ConversationPaused,
    ConversationResumed,
    Event,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    SlotsReset,
    UserUtteranceReverted,
    UserUttered,
    entity_to_json,
    event_from_json,
    event_to_json,
)
from dialogue.types import StoredEvent

ASIDE_POLICY = "aside"
"""Policy of answers given beside the bot's own flow (FAQ, clarification): its stories and rules
go on as if such a turn had not been."""


@dataclass(frozen=True, slots=True)
class Loop:
    name: str
    rejected: bool = False
    interrupted: bool = False
    trigger: UserUttered | None = None
    """The message that activated it."""


class Tracker:
    """One conversation. Only `update` changes it; two trackers of equal events are equal."""

    def __init__(self, domain: Domain, sender_id: str = "default") -> None:
        self.domain = domain
        self.sender_id = sender_id
        self.events: list[Event] = []
        self.applied: list[Event] = []
        self.rewrites = 0
        """Counts changes of `applied` that were not appends."""
        self._clear()

    def _clear(self) -> None:
        self.slots: dict[str, Any] = self.domain.initial_slots()
        self.latest_message: UserUttered | None = None
        self.latest_action: str | None = None
        self.active_loop: Loop | None = None
        self.followup: str | None = ACTION_LISTEN
        self.paused = False

    @classmethod
    def fold(
        cls, domain: Domain, history: Iterable[StoredEvent], sender_id: str = "default"
    ) -> Tracker:
        """The tracker that stored events lead to."""
        return cls.of(domain, map(event_from_json, history), sender_id)

    @classmethod
    def of(cls, domain: Domain, events: Iterable[Event], sender_id: str = "default") -> Tracker:
        tracker = cls(domain, sender_id)
        for event in events:
            tracker.update(event)
        return tracker

    def copy_with(self, extra: Sequence[Event]) -> Tracker:
        """Another tracker with `extra` events after these; this one stays as it is."""
        other = Tracker(self.domain, self.sender_id)
        other.__dict__.update(self.__dict__)
        other.events = list(self.events)
        other.applied = list(self.applied)
        other.slots = dict(self.slots)
        for event in extra:
            other.update(event)
        return other

    @property
    def loop_name(self) -> str | None:
        return self.active_loop.name if self.active_loop else None

    @property
    def requested_slot(self) -> str | None:
        value = self.slots.get(REQUESTED_SLOT)
        return value if isinstance(value, str) else None

    @property
    def loop_rejected(self) -> bool:
        return self.active_loop is not None and self.active_loop.rejected

    @property
    def listening(self) -> bool:
        return self.latest_action == ACTION_LISTEN

    def update(self, event: Event) -> None:
        """Append one event and fold it in."""
        self.events.append(event)
        match event:
            case Restarted():
                self._rewrite([])
            case UserUtteranceReverted():
                kept = list(self.applied)
                _drop_through(kept, UserUttered)
                _drop_through(kept, ActionExecuted)
                self._rewrite(kept)
            case ActionReverted():
                kept = list(self.applied)
                _drop_through(kept, ActionExecuted)
                self._rewrite(kept)
            case _:
                self._extend_applied(event)
                self._apply(event)

    def _rewrite(self, kept: list[Event]) -> None:
        """Forget what `kept` leaves out, and fold again what it holds."""
        self.applied = kept
        self.rewrites += 1
        self._clear()
        for event in kept:
            self._apply(event)

    def _apply(self, event: Event) -> None:
        match event:
            case UserUttered():
                self.latest_message = event
                self.followup = None
            case ActionExecuted():
                self.latest_action = event.name
                self.followup = None
                if self.active_loop is not None:
                    self.active_loop = replace(
                        self.active_loop,
                        interrupted=False,
                        rejected=self.active_loop.rejected and event.name != self.active_loop.name,
                    )
            case SlotSet():
                if event.name in self.slots:
                    self.slots[event.name] = event.value
            case ActiveLoop():
                self.active_loop = (
                    Loop(event.name, trigger=self.latest_message) if event.name else None
                )
            case LoopInterrupted():
                if self.active_loop is not None:
                    self.active_loop = replace(self.active_loop, interrupted=event.is_interrupted)
            case ActionRejected():
                if self.active_loop is not None and self.active_loop.name == event.name:
                    self.active_loop = replace(self.active_loop, rejected=True)
            case FollowupAction():
                self.followup = event.name
            case SlotsReset():
                self.slots = self.domain.initial_slots()
            case SessionStarted():
                self._clear()
            case ConversationPaused():
                self.paused = True
            case ConversationResumed():
                self.paused = False

    def _extend_applied(self, event: Event) -> None:
        """Add `event` to the history that policies see.

        A loop that goes on as expected leaves no trace but its slots: the messages that answered
        its questions are dropped, so that a story need not spell them out. The same holds for
        answers given beside the flow.
        """
        if not isinstance(event, ActionExecuted):
            self.applied.append(event)
            return
        if event.policy != ASIDE_POLICY and self._last_action_was_aside():
            self._drop_turn_of_aside()
        name = event.name
        if self.domain.is_loop(name) and not self._first_or_unhappy(name):
            self._drop_back_to_loop(name)
        else:
            self.applied.append(event)

    def _last_action_was_aside(self) -> bool:
        for event in reversed(self.applied):
            if isinstance(event, ActionExecuted):
                return event.policy == ASIDE_POLICY
        return False

    def _drop_turn_of_aside(self) -> None:
        """Drop the aside, the message it answered and the listening before that."""
        index = len(self.applied) - 1
        while index >= 0:
            event = self.applied[index]
            if isinstance(event, UserUttered):
                del self.applied[index]
                break
            if isinstance(event, ActionExecuted):
                if event.policy != ASIDE_POLICY:
                    break
                del self.applied[index]
            index -= 1
        for index in range(len(self.applied) - 1, -1, -1):
            event = self.applied[index]
            if isinstance(event, ActionExecuted):
                if event.name == ACTION_LISTEN:
                    del self.applied[index]
                break
        self.rewrites += 1

    def _first_or_unhappy(self, loop: str) -> bool:
        next_action: str | None = None
        for event in reversed(self.applied):
            if isinstance(event, ActiveLoop) and event.name != loop:
                return True
            if isinstance(event, ActionRejected) and event.name == loop:
                return True
            if isinstance(event, UserUttered) and next_action not in (None, loop):
                return True
            if isinstance(event, ActionExecuted):
                if event.name == loop:
                    return False
                next_action = event.name
        return True

    def _drop_back_to_loop(self, loop: str) -> None:
        index = len(self.applied) - 1
        while index >= 0:
            event = self.applied[index]
            if isinstance(event, ActionExecuted) and event.name == loop:
                break
            if isinstance(event, ActionExecuted | UserUttered):
                del self.applied[index]
            index -= 1
        self.rewrites += 1

    def events_since_user(self) -> list[Event]:
        """Events after the latest message, oldest first."""
        since: list[Event] = []
        for event in reversed(self.events):
            if isinstance(event, UserUttered):
                break
            since.append(event)
        return since[::-1]

    def events_after_restart(self) -> list[Event]:
        for index in range(len(self.events) - 1, -1, -1):
            if isinstance(self.events[index], Restarted):
                return self.events[index + 1 :]
        return list(self.events)

    def last_user_time(self) -> float | None:
        for event in reversed(self.events):
            if isinstance(event, UserUttered):
                return event.timestamp
        return None

    def as_json(self, events: Sequence[Event] | None = None) -> dict[str, Any]:
        """The tracker as an action server and Rasa's HTTP API show it."""
        shown = self.events if events is None else events
        message = self.latest_message
        loop = self.active_loop
        action = self.latest_action
        return {
            "sender_id": self.sender_id,
            "slots": dict(self.slots),
            "latest_message": message_json(message),
            "latest_event_time": self.events[-1].timestamp if self.events else None,
            "followup_action": self.followup,
            "paused": self.paused,
            "events": [event_to_json(event) for event in shown],
            "latest_input_channel": message.channel if message else None,
            "active_loop": {
                "name": loop.name,
                "is_interrupted": loop.interrupted,
                "rejected": loop.rejected,
                "trigger_message": message_json(loop.trigger),
            }
            if loop
            else {},
            "latest_action": {"action_name": action} if action else {},
            "latest_action_name": action,
        }


def message_json(message: UserUttered | None) -> dict[str, Any]:
    """A message as `latest_message` shows it: Rasa's parse data."""
    if message is None:
        return {"intent": {}, "entities": [], "text": None, "message_id": None, "metadata": {}}
    data: dict[str, Any] = dict(message.parse_data)
    data.setdefault("intent", {"name": message.intent, "confidence": message.confidence})
    data.setdefault("entities", [entity_to_json(entity) for entity in message.entities])
    data.update(text=message.text, message_id=message.message_id, metadata=dict(message.metadata))
    return data


def _drop_through(events: list[Event], kind: type[Event]) -> None:
    while events:
        if isinstance(events.pop(), kind):
            return


def as_mapping(slots: Mapping[str, Any]) -> dict[str, Any]:
    """Slots that hold something, for traces and handoffs."""
    return {
        name: value for name, value in slots.items() if value is not None and name != REQUESTED_SLOT
    }
