"""Ending an open form because the customer wants to."""

from __future__ import annotations

from dialogue.aside.interrupt import CANCEL
from dialogue.decisions import MEMORY, RULES
from dialogue.domain import Form
from dialogue.events import (
    ACTION_LISTEN,
    REQUESTED_SLOT,
    ActionExecuted,
    ActionRejected,
    ActiveLoop,
    SlotSet,
)
from dialogue.turn import Turn


def cancel_form(turn: Turn, form: Form) -> bool:
    """End `form` and forget its answers; False when the bot has its own way to do so."""
    turn.skip_text_of = frozenset(form.required_slots)
    refused = turn.tracker.copy_with([ActionRejected(form.name)])
    own = turn.bot.policies.decide(refused).decision
    if own.policy in (RULES, MEMORY) and own.action not in (ACTION_LISTEN, form.name):
        return False
    slots = turn.bot.domain.slots
    cleared = [
        SlotSet(name, slots[name].initial_value)
        for name in form.required_slots
        if name in slots and any(c.active_loop for m in slots[name].mappings for c in m.conditions)
    ]
    turn.aside(
        CANCEL,
        [turn.say("cancelled"), ActiveLoop(None), SlotSet(REQUESTED_SLOT, None), *cleared],
    )
    turn.found.route = "form"
    turn.log(ActionExecuted(ACTION_LISTEN))
    return True
