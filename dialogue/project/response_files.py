"""Reads a response of the domain: its variations, with their conditions and channels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dialogue.domain import SlotCondition, Variation
from dialogue.project.problems import Report, did_you_mean
from dialogue.project.slot_files import Place, text_or_none
from dialogue.project.yaml_nodes import Map, items, line_of

_CONTENT = ("text", "buttons", "image", "custom", "attachment", "elements", "quick_replies")
_SAYS = "write `- text: ...` under it"


def read_response(name: str, body: Any, place: Place, report: Report) -> tuple[Variation, ...]:
    """The variations of the response `name`; what is wrong goes to `report`."""
    file, line = place
    if isinstance(body, str):
        body = [body]
    if not body:
        report.warn(f"the response {name!r} says nothing", file, line, _SAYS)
        return ()
    if not isinstance(body, list):
        report.error(
            f"expected variations of the response {name!r}, got {body!r:.60}", file, line, _SAYS
        )
        return ()
    variations = []
    for place_in, item in enumerate(body):
        at = line_of(body, place_in) or line
        if isinstance(item, str | int | float | bool):
            variations.append(Variation({"text": str(item)}))
        elif isinstance(item, Map):
            variations.append(_variation(item, name, file, report))
        else:
            report.error(f"expected a variation of {name!r}, got {item!r:.60}", file, at, _SAYS)
    return tuple(variations)


def _variation(item: Map, name: str, file: Path, report: Report) -> Variation:
    if not any(key in item for key in _CONTENT):
        hint = next(filter(None, (did_you_mean(key, _CONTENT) for key in item)), None)
        report.mistake(
            f"a variation of the response {name!r} says nothing", file, item.line, hint or _SAYS
        )
    content = {k: v for k, v in item.items() if k not in ("condition", "channel")}
    if content.get("text") is not None:
        content["text"] = str(content["text"])
    conditions = tuple(_conditions(item, name, file, report))
    return Variation(content, text_or_none(item.get("channel")), conditions)


def _conditions(item: Map, name: str, file: Path, report: Report) -> Iterator[SlotCondition]:
    given = item.get("condition")
    if given is not None and not isinstance(given, list):
        report.error(
            f"expected a list under `condition:` of {name!r}, got {given!r:.60}",
            file,
            line_of(item, "condition"),
            "write `- type: slot`, `name:` and `value:` under it",
        )
    for condition, line in items(given):
        if isinstance(condition, Map) and condition.get("type", "slot") == "slot":
            yield SlotCondition(str(condition.get("name")), condition.get("value"))
        else:
            report.warn(f"a condition of {name!r} that is not about a slot is ignored", file, line)
