"""Write ``web/shared/events.ts`` from ``app/chat/events.py`` and ``agent_events.py``: one TypeScript type per model.

What a client sends may leave out fields that have a default; what the server sends always has
them. A test holds the committed file to what this prints.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from app.chat import agent_events, events  # noqa: E402

Schema = Mapping[str, Any]
OUT = Path(__file__).with_name("events.ts")
UNIONS: tuple[tuple[str, Literal["validation", "serialization"]], ...] = (
    ("ClientEvent", "validation"),
    ("ServerEvent", "serialization"),
    ("AgentClientEvent", "validation"),
    ("AgentServerEvent", "serialization"),
)
ADAPTERS = {
    "ClientEvent": events.client_event,
    "ServerEvent": events.server_event,
    "AgentClientEvent": agent_events.agent_client_event,
    "AgentServerEvent": agent_events.agent_server_event,
}
SCALARS = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}


def _reference(schema: Schema) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return _reference(schema)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(dict.fromkeys(_type(part) for part in schema[key]))
    kind = schema.get("type")
    if kind == "array":
        item = _type(schema["items"])
        return f"({item})[]" if "|" in item else f"{item}[]"
    if kind == "object":
        return "Record<string, unknown>"
    if isinstance(kind, str) and kind in SCALARS:
        return SCALARS[kind]
    return "unknown"


def _comment(text: str | None, indent: str) -> Iterable[str]:
    if text:
        yield f"{indent}/** {' '.join(text.split())} */"


def _interface(name: str, schema: Schema, *, sent_by_server: bool) -> str:
    fields = schema.get("properties", {})
    required = set(fields if sent_by_server else schema.get("required", ()))
    lines = [*_comment(schema.get("description"), ""), f"export interface {name} {{"]
    for field, part in fields.items():
        # The discriminator has a default in Python, but a client must always send it.
        mark = "" if field in required or field == "type" else "?"
        lines += [*_comment(part.get("description"), "  "), f"  {field}{mark}: {_type(part)};"]
    return "\n".join([*lines, "}"])


def render() -> str:
    """Return the whole of ``events.ts``."""
    models: dict[str, str] = {}
    unions: list[str] = []
    for name, mode in UNIONS:
        schema = ADAPTERS[name].json_schema(mode=mode)
        for model, definition in schema.get("$defs", {}).items():
            text = _interface(model, definition, sent_by_server=mode == "serialization")
            if models.setdefault(model, text) != text:
                raise ValueError(f"{model}: expected one shape in both directions, got two")
        members = [_reference(part) for part in schema["oneOf"]]
        unions.append(f"export type {name} =\n" + "\n".join(f"  | {m}" for m in members) + ";")
    head = "// Generated from app/chat/events.py by `npm run types`. Do not edit.\n"
    limits = f"export const MAX_TEXT_CHARS = {events.MAX_TEXT_CHARS};"
    aliases = [
        'export type Owner = "bot" | "queued" | "agent" | "closed";',
        'export type AuthorType = "visitor" | "bot" | "agent" | "system";',
        'export type Language = "zh" | "en";',
    ]
    return "\n\n".join([head + limits, "\n".join(aliases), *models.values(), *unions]) + "\n"


if __name__ == "__main__":
    OUT.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"wrote {OUT.relative_to(ROOT)}\n")
