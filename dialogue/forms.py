"""Forms: asks for what is missing, checks what was given, lets other policies in between.

Rasa's FormAction. A form returns events; whoever runs it decides whether they happen.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from dialogue.actions.types import ActionRejectedError
from dialogue.domain import Form
from dialogue.events import (
    ACTION_LISTEN,
    REQUESTED_SLOT,
    ActionExecuted,
    ActionRejected,
    ActiveLoop,
    Event,
    SlotSet,
)
from dialogue.tracker import Tracker

Events = list[Event]


class FormHost(Protocol):
    """What a form needs of the turn that runs it."""

    async def run_custom(self, name: str, tracker: Tracker) -> Events:
        """Run a custom action; its messages come first among the events."""
        ...

    async def extract(self, tracker: Tracker) -> Events:
        """Slots that the latest message fills now that the form is open."""
        ...

    async def ask(self, form: Form, slot: str, tracker: Tracker) -> Events:
        """The question for `slot`."""
        ...

    def recall(self, form: Form, tracker: Tracker) -> Sequence[SlotSet]:
        """Slots of the form that earlier messages have answered already."""
        ...


async def run_form(form: Form, tracker: Tracker, host: FormHost) -> Events:
    """Run `form` once.

    Raises `ActionRejectedError` when it asked for something and the message is no answer.
    """
    run = _Run(form, tracker, host)
    return await run.go()


class _Run:
    def __init__(self, form: Form, tracker: Tracker, host: FormHost) -> None:
        self._form = form
        self._tracker = tracker
        self._host = host
        self._events: Events = []

    async def go(self) -> Events:
        validated = False
        if self._tracker.loop_name != self._form.name:
            self._events.append(ActiveLoop(self._form.name))
            validated = await self._activate()
        if not self._done():
            if not validated:
                self._events += await self._validate_if_needed()
            if not any(isinstance(event, ActionRejected) for event in self._events):
                await self._request_next()
        if self._done():
            self._events.append(ActiveLoop(None))
        return self._events

    def _now(self) -> Tracker:
        return self._tracker.copy_with(self._events)

    def _done(self) -> bool:
        if any(isinstance(event, ActionRejected) for event in self._events):
            return False
        if any(isinstance(event, ActiveLoop) and event.name is None for event in self._events):
            return True
        requested = [e for e in self._events if isinstance(e, SlotSet) and e.name == REQUESTED_SLOT]
        return bool(requested) and requested[-1].value is None

    async def _activate(self) -> bool:
        """Open the form and check what is known already; True if something was checked."""
        self._events += self._host.recall(self._form, self._now())
        self._events += await self._host.extract(self._now())
        slots = self._now().slots
        known = [
            SlotSet(n, slots[n]) for n in self._form.required_slots if slots.get(n) is not None
        ]
        if not known:
            return False
        self._events += await self._validate_slots(known)
        return any(isinstance(e, SlotSet) for e in self._events)

    async def _validate_if_needed(self) -> Events:
        loop = self._tracker.active_loop
        answered = loop is None or (
            self._tracker.latest_action == ACTION_LISTEN and not loop.interrupted
        )
        if not answered:
            return await self._validate_slots([])
        return await self._validate()

    async def _validate(self) -> Events:
        required = {*self._form.required_slots}
        requested = self._tracker.requested_slot
        if requested:
            required.add(requested)
        candidates = {
            event.name: event
            for event in [*self._tracker.events_since_user(), *self._events]
            if isinstance(event, SlotSet) and event.name in required
        }
        events = await self._validate_slots(list(candidates.values()))
        checked = any(isinstance(e, SlotSet) and e.name != REQUESTED_SLOT for e in events)
        refused = any(isinstance(e, ActionRejected) for e in events)
        active = self._tracker.loop_name == self._form.name
        if requested and active and not (candidates or checked or refused):
            raise ActionRejectedError(
                self._form.name, f"the message does not answer the question for {requested!r}"
            )
        return events

    async def _validate_slots(self, candidates: Sequence[SlotSet]) -> Events:
        name = f"validate_{self._form.name}"
        if name not in self._tracker.domain.actions:
            return list(candidates)
        seen = self._now().copy_with([ActionExecuted(self._form.name), *candidates])
        return await self._host.run_custom(name, seen)

    async def _request_next(self) -> None:
        if self._done():
            self._events.append(SlotSet(REQUESTED_SLOT, None))
            return
        chosen = _last_requested(self._events)
        if chosen is None:
            slots = self._now().slots
            chosen = next((n for n in self._form.required_slots if slots.get(n) is None), None)
            self._events.append(SlotSet(REQUESTED_SLOT, chosen))
        if chosen is not None:
            self._events += await self._host.ask(self._form, chosen, self._now())


def _last_requested(events: Iterable[Event]) -> str | None:
    value: Any = None
    for event in events:
        if isinstance(event, SlotSet) and event.name == REQUESTED_SLOT:
            value = event.value
    return value if isinstance(value, str) else None
