"""A rolling upgrade: pages that stayed open speak the protocol of their own release.

``wire/RELEASE.json`` is what that release's widget and dashboard send, and the fields they read of
what they hear. It is written once, by ``python tests/app/test_older_client.py RELEASE``, and never
changed: a newer server may read more and tell more, never less.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from app.chat.agent_events import agent_client_event, agent_server_event
from app.chat.events import client_event, server_event

WIRE = Path(__file__).parent / "wire"
SENT: dict[str, TypeAdapter[Any]] = {"visitor": client_event, "agent": agent_client_event}
HEARD: dict[str, TypeAdapter[Any]] = {"visitor": server_event, "agent": agent_server_event}
RELEASES = sorted(WIRE.glob("*.json"))


def example(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    """A value that fits, with every field there is."""
    if "$ref" in schema:
        return example(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        return example(schema["anyOf"][0], definitions)
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {name: example(field, definitions) for name, field in properties.items()}
        case "array":
            return [example(schema["items"], definitions)]
        case "integer" | "number":
            return max(1, schema.get("minimum", 1))
        case "boolean":
            return True
    return "x" * max(16, schema.get("minLength", 0))


def of(
    adapter: TypeAdapter[Any], mode: Any
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(type, schema, definitions) of each event of a union."""
    whole = adapter.json_schema(mode=mode)
    definitions = whole["$defs"]
    for type_, reference in whole["discriminator"]["mapping"].items():
        yield type_, definitions[reference.rsplit("/", 1)[-1]], definitions


def fields(schema: dict[str, Any], definitions: dict[str, Any], depth: int = 3) -> list[str]:
    """Names of all fields, dotted, as deep as clients read."""
    found: list[str] = []
    for name, field in schema.get("properties", {}).items():
        found.append(name)
        for part in (field, *field.get("anyOf", ()), field.get("items", {})):
            if "$ref" in part and depth:
                inner = definitions[part["$ref"].rsplit("/", 1)[-1]]
                found += [f"{name}.{deeper}" for deeper in fields(inner, definitions, depth - 1)]
    return found


def spoken() -> dict[str, Any]:
    return {
        "sent": {
            who: {t: example(s, d) for t, s, d in of(adapter, "validation")}
            for who, adapter in SENT.items()
        },
        "heard": {
            who: {t: fields(s, d) for t, s, d in of(adapter, "serialization")}
            for who, adapter in HEARD.items()
        },
    }


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.stem)
def test_an_older_client_is_understood_and_told_what_it_reads(release: Path) -> None:
    then = json.loads(release.read_text("utf-8"))
    for who, events in then["sent"].items():
        for type_, event in events.items():
            assert SENT[who].validate_json(json.dumps(event)).type == type_
    now = spoken()["heard"]
    for who, events in then["heard"].items():
        for type_, read in events.items():
            assert set(read) <= set(now[who][type_]), f"{type_} no longer tells what it told"


def test_there_is_a_release_to_be_kept_to() -> None:
    assert RELEASES


if __name__ == "__main__":
    (WIRE / f"{sys.argv[1]}.json").write_text(
        json.dumps(spoken(), indent=1, sort_keys=True) + "\n", "utf-8"
    )
