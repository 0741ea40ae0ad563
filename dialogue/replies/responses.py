"""Renders a bot's responses: picks a variation, fills in slots, makes a reply of it."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from dialogue.domain import Domain, Variation
from dialogue.events import BotUttered
from dialogue.knowledge.types import EntryFile
from dialogue.types import Button, Citation, Reply, ReplySource
from nlu.types import Language

_PLACEHOLDER = re.compile(r"\{\{|\}\}|\{([^\n{}\"]+?)\}")
"""Quotes never stand in a slot's name: ``/inform{"city": "x"}`` of a button is left alone."""
_FILLED = ("text", "image", "custom", "buttons", "attachment", "quick_replies", "elements")


@dataclass(slots=True)
class Rendered:
    content: dict[str, Any]
    missing: list[str] = field(default_factory=list)
    """Placeholders without a value: such a text stays as it is written."""


def render(
    domain: Domain,
    name: str,
    slots: Mapping[str, Any],
    channel: str,
    rng: random.Random,
    extra: Mapping[str, Any] | None = None,
) -> Rendered | None:
    """The response `name`, or None when the domain has no variation that fits.

    `extra` values go before slots of the same name.
    """
    variations = domain.responses.get(name)
    if not variations:
        return None
    pool = _pool(variations, slots, channel)
    if not pool:
        return None
    chosen = rng.choice(pool)
    rendered = Rendered({})
    values = {**slots, **(extra or {})}
    for key, value in chosen.content.items():
        if key in _FILLED:
            rendered.content[key] = _fill(value, values, rendered.missing)
        else:
            rendered.content[key] = value
    return rendered


def _pool(
    variations: Sequence[Variation], slots: Mapping[str, Any], channel: str
) -> list[Variation]:
    fitting = [
        v for v in variations if all(_holds(c.value, slots.get(c.slot)) for c in v.conditions)
    ]
    for conditional in (True, False):
        pool = [v for v in fitting if v.channel == channel and bool(v.conditions) == conditional]
        if pool:
            return pool
    for conditional in (True, False):
        pool = [v for v in fitting if v.channel is None and bool(v.conditions) == conditional]
        if pool:
            return pool
    return []


def _holds(wanted: Any, got: Any) -> bool:
    if isinstance(wanted, str) and isinstance(got, str):
        return wanted.casefold() == got.casefold()
    return bool(wanted == got)


def _fill(value: Any, values: Mapping[str, Any], missing: list[str]) -> Any:
    if isinstance(value, str):
        return _fill_text(value, values, missing)
    if isinstance(value, Mapping):
        return {key: _fill(one, values, missing) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_fill(one, values, missing) for one in value]
    return value


def _fill_text(text: str, values: Mapping[str, Any], missing: list[str]) -> str:
    if "{" not in text:
        return text
    unknown = [
        found[1] for found in _PLACEHOLDER.finditer(text) if found[1] and found[1] not in values
    ]
    if unknown:
        missing.extend(unknown)
        return text

    def replaced(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        return str(values[found[1]])

    return _PLACEHOLDER.sub(replaced, text)


def bot_event(
    content: Mapping[str, Any],
    *,
    response: str | None = None,
    source: ReplySource = "response",
    language: Language = "zh",
    faq_id: str | None = None,
    files: Sequence[EntryFile] = (),
    citations: Sequence[Citation] = (),
    miss: bool = False,
) -> BotUttered:
    """A message of the bot as an event; `reply_of` reads it back."""
    data = {
        key: content.get(key) or None
        for key in ("elements", "quick_replies", "buttons", "attachment", "image", "custom")
    }
    ours: dict[str, Any] = {"source": source, "language": language}
    if faq_id:
        ours["faq_id"] = faq_id
    if files:
        ours["files"] = [asdict(file) for file in files]
    if citations:
        ours["citations"] = [
            {"entry_id": c.entry_id, "title": c.title, "url": c.url} for c in citations
        ]
    if miss:
        ours["miss"] = True
    metadata: dict[str, Any] = {"lingxi": ours}
    if response:
        metadata["utter_action"] = response
    if isinstance(content.get("metadata"), Mapping):
        metadata = {**content["metadata"], **metadata}
    text = content.get("text")
    return BotUttered(None if text is None else str(text), data, metadata)


def reply_of(event: BotUttered) -> Reply | None:
    """The reply that a customer sees; None for a message without content."""
    data = event.data
    ours = event.metadata.get("lingxi") or {}
    custom = data.get("custom")
    if custom is not None and not isinstance(custom, Mapping):
        custom = {"value": custom}
    reply = Reply(
        text=event.text or "",
        buttons=_buttons([*(data.get("buttons") or ()), *(data.get("quick_replies") or ())]),
        image=_text_or_none(data.get("image")),
        attachment=_attachment(data.get("attachment")),
        elements=tuple(e for e in data.get("elements") or () if isinstance(e, Mapping)),
        custom=custom or None,
        language=ours.get("language", "zh"),
        source=ours.get("source", "response"),
        response=event.metadata.get("utter_action"),
        citations=tuple(Citation(**c) for c in ours.get("citations", ())),
        faq_id=ours.get("faq_id"),
        files=tuple(EntryFile(**file) for file in ours.get("files", ())),
    )
    shown = reply.text or reply.buttons or reply.image or reply.attachment
    return reply if shown or reply.elements or reply.custom else None


def _buttons(raw: Sequence[Any]) -> tuple[Button, ...]:
    buttons = []
    for one in raw:
        if isinstance(one, Mapping):
            title = str(one.get("title") or one.get("payload") or "")
            if title:
                buttons.append(Button(title, str(one.get("payload") or one.get("url") or title)))
    return tuple(buttons)


def _text_or_none(value: Any) -> str | None:
    return str(value) if value else None


def _attachment(value: Any) -> str | None:
    if isinstance(value, Mapping):
        payload = value.get("payload")
        source = payload.get("src") if isinstance(payload, Mapping) else None
        return _text_or_none(source or value.get("url"))
    return _text_or_none(value)
