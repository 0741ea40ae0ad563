"""Picking one of the buttons shown last by its words or its place: ``第二个``, ``the first one``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dialogue.events import BotUttered, UserUttered
from dialogue.replies.cues import Cues, folded
from dialogue.tracker import Tracker
from nlu.types import FALLBACK_INTENT


def chosen_payload(tracker: Tracker, text: str, cues: Cues) -> str | None:
    """What the button that `text` means would have sent; None when it means none."""
    buttons = _shown(tracker)
    if not buttons:
        return None
    plain = folded(text)
    for button in buttons:
        if plain and folded(str(button.get("title"))) == plain:
            return str(button.get("payload") or button.get("title"))
    offered = [b for b in buttons if _is_task(str(b.get("payload")))]
    if len(offered) == 1 and cues.accepts(text):
        return str(offered[0]["payload"])
    place = cues.place(text)
    if place is None or place >= len(buttons):
        return None
    return str(buttons[place].get("payload") or buttons[place].get("title"))


def _is_task(payload: str) -> bool:
    """Whether a tap sets something going, rather than says or asks something."""
    return payload.startswith("/") and not payload.startswith(f"/{FALLBACK_INTENT}")


def _shown(tracker: Tracker) -> Sequence[Mapping[str, Any]]:
    """Buttons of the bot's messages since the customer last spoke."""
    buttons: list[Mapping[str, Any]] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            shown = [b for b in event.data.get("buttons") or () if isinstance(b, Mapping)]
            buttons = [*shown, *buttons]
    return buttons
