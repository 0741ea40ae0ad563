"""Of several tasks asked for in one message, those that wait until the first is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dialogue.aside.clarify import title
from dialogue.aside.interrupt import CANCEL
from dialogue.aside.message import started_form
from dialogue.events import ActionExecuted, BotUttered, Restarted, SessionStarted
from dialogue.turn import Turn
from nlu.types import Understanding

THEN, BEGUN = "then", "begun"


def waits(turn: Turn, part: Understanding) -> bool:
    """Whether `part` would open a form while another one waits for its answer."""
    opens = started_form(turn, part.intent.name.split("/", 1)[0])
    return opens is not None and turn.tracker.loop_name not in (None, opens)


def keep_for_later(turn: Turn, parts: Sequence[Understanding]) -> None:
    """Tell the customer what comes next, and keep it with the message that tells it."""
    wanted = turn.bot.words.say("and", turn.language).join(
        title(turn, part.intent.name) for part in parts
    )
    said = turn.say("later", wanted=wanted)
    turn.log(_marked(said, THEN, [part.text for part in parts]))


def next_task(turn: Turn) -> str | None:
    """The text of the task to begin now that nothing is open; None if none waits.

    Whoever gives up one task is not led into the next.
    """
    if turn.tracker.loop_name is not None or turn.handoff is not None:
        return None
    waiting: list[str] = []
    for event in turn.tracker.events:
        match event:
            case Restarted() | SessionStarted():
                waiting = []
            case ActionExecuted(name=name) if name == CANCEL or name == "action_deactivate_loop":
                waiting = []
            case BotUttered():
                ours = event.metadata.get("lingxi") or {}
                waiting += ours.get(THEN, [])
                waiting = [text for text in waiting if text not in ours.get(BEGUN, [])]
    return waiting[0] if waiting else None


def begin(turn: Turn, part: Understanding) -> None:
    said = turn.say("next_task", wanted=title(turn, part.intent.name))
    turn.log(_marked(said, BEGUN, [part.text]))


def _marked(said: BotUttered, mark: str, texts: list[str]) -> BotUttered:
    ours = {**(said.metadata.get("lingxi") or {}), mark: texts}
    return replace(said, metadata={**said.metadata, "lingxi": ours})
