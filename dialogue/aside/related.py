"""Questions to ask next, as buttons under an answer: near to it and to what was asked before."""

from __future__ import annotations

from typing import Any

from dialogue.events import BotUttered
from dialogue.knowledge.types import Entry, Knowledge
from dialogue.turn import Turn


async def related_buttons(turn: Turn, knowledge: Knowledge, entry: Entry) -> list[dict[str, Any]]:
    """None while a form waits for its answer; nothing that this customer has been told."""
    most = turn.bot.settings.related_questions
    if most < 1 or turn.tracker.loop_name is not None:
        return []
    found = await knowledge.related(entry.id, limit=most, told=_told(turn), audience=turn.audience)
    titles = dict.fromkeys(other.title(turn.language) for other in found)
    titles.pop(entry.title(turn.language), None)
    return [{"title": title, "payload": title} for title in titles]


def _told(turn: Turn) -> tuple[str, ...]:
    """The entries that this customer has been given, in order."""
    told: dict[str, None] = {}
    for event in turn.tracker.events:
        if isinstance(event, BotUttered):
            ours = event.metadata.get("lingxi") or {}
            if ours.get("faq_id"):
                told[str(ours["faq_id"])] = None
            told.update((str(cited["entry_id"]), None) for cited in ours.get("citations", ()))
    return tuple(told)
