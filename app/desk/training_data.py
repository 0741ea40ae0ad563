"""Labelled examples as the ``nlu:`` part of a Rasa 3 project."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

UNMARKED = str.maketrans({"[": "(", "]": ")", "\n": " ", "\r": " ", "\t": " "})
"""What the format would read as a mark or as the next example; one for one, so spans stay."""


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    entities: Sequence[tuple[int, int, str, str | None]]
    """(start, end, entity, value or None), in code points, without overlaps."""


def as_rasa_nlu(examples: Mapping[str, Sequence[Labelled]]) -> str:
    """By intent; the same marked text is written once."""
    blocks = []
    for intent, labelled in examples.items():
        lines = dict.fromkeys(f"- {marked(one)}" for one in labelled)
        blocks.append({"intent": intent, "examples": LiteralScalarString("\n".join(lines) + "\n")})
    out = StringIO()
    yaml = YAML()
    yaml.width = 10_000
    yaml.dump({"version": "3.1", "nlu": blocks}, out)
    return out.getvalue()


def marked(example: Labelled) -> str:
    """Worked example: 查一下北京 with (3, 5, "city") is ``查一下[北京]{"entity": "city"}``."""
    text, parts, at = example.text.translate(UNMARKED), [], 0
    for start, end, entity, value in sorted(example.entities):
        fields = {"entity": entity, **({"value": value} if value is not None else {})}
        parts += [text[at:start], f"[{text[start:end]}]", json.dumps(fields, ensure_ascii=False)]
        at = end
    return "".join([*parts, text[at:]]).strip()
