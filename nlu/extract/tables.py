"""Extractors that a bot project spells out: ``regex:``, ``lookup:`` and ``synonym:``."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import regex

from nlu.types import Entity, Language

MOST_CHARACTERS = 2000
"""Longer texts are searched so far only: an owner's pattern may be slow."""
MOST_SECONDS = 0.05
"""A pattern that takes longer for one text finds nothing in it: ``(a+)+$`` would take for ever."""

log = logging.getLogger(__name__)


class Extractor(Protocol):
    """Finds entities in plain text; offsets are those of the text it is given."""

    def extract(self, text: str, language: Language) -> list[Entity]: ...


class RegexExtractor:
    """Whole matches of a bot's named patterns."""

    def __init__(self, patterns: Mapping[str, Sequence[str]]) -> None:
        self._patterns = [
            (name, regex.compile(pattern, regex.IGNORECASE))
            for name, found in patterns.items()
            for pattern in found
        ]

    def extract(self, text: str, language: Language) -> list[Entity]:
        return [
            Entity(name, match.start(), match.end(), match.group(), match.group(), 1.0, "regex")
            for name, pattern in self._patterns
            for match in _bounded(name, pattern, text[:MOST_CHARACTERS])
            if match.group().strip()
        ]


def _bounded(name: str, pattern: regex.Pattern[str], text: str) -> Iterator[regex.Match[str]]:
    try:
        yield from pattern.finditer(text, timeout=MOST_SECONDS)
    except TimeoutError:
        log.warning("the pattern of %r took more than %s s for a message", name, MOST_SECONDS)


class LookupExtractor:
    """Words of a bot's tables, longest first; Latin words only between word borders."""

    def __init__(self, tables: Mapping[str, Sequence[str]]) -> None:
        self._patterns = {
            name: re.compile(_any_of(words), re.IGNORECASE)
            for name, words in tables.items()
            if any(word.strip() for word in words)
        }

    def extract(self, text: str, language: Language) -> list[Entity]:
        return [
            Entity(name, *match.span(), match.group(), match.group(), 1.0, "lookup")
            for name, pattern in self._patterns.items()
            for match in pattern.finditer(text[:MOST_CHARACTERS])
        ]


def _any_of(words: Sequence[str]) -> str:
    ordered = sorted({word.strip() for word in words if word.strip()}, key=len, reverse=True)
    firsts = re.escape("".join(sorted({word[0] for word in ordered})))
    # Where none of them can begin none is tried.
    return f"(?=[{firsts}])(?:{'|'.join(map(_bordered, ordered))})"


def _bordered(word: str) -> str:
    left = r"(?<![A-Za-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
    right = r"(?![A-Za-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
    return f"{left}{re.escape(word)}{right}"


class Synonyms:
    """Maps what was said to the one value that actions know."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = {said.casefold(): value for said, value in values.items()}

    def apply(self, entity: Entity) -> Entity:
        """By what was said, then by its normal value."""
        if not isinstance(entity.value, str):
            return entity
        said = (self._values.get(word.casefold()) for word in (entity.text, entity.value))
        value = next((found for found in said if found is not None), None)
        return entity if value is None else replace(entity, value=value)


def merge(found: Sequence[Entity], minimum_confidence: float = 0.0) -> tuple[Entity, ...]:
    """One entity a character: rules before the encoder, then the longer, then the surer.

    A rule's entity that the encoder found too keeps the encoder's role and group. A rule that is
    unsure comes last, but of another kind's longer entity it may be a part: an address's city.
    """
    ordered = sorted(
        (entity for entity in found if entity.confidence >= minimum_confidence),
        key=lambda e: (_rank(e), -(e.end - e.start), -e.confidence, e.start),
    )
    kept: list[Entity] = []
    for entity in ordered:
        clashes = [k for k in kept if entity.start < k.end and k.start < entity.end]
        if not clashes or (_is_unsure(entity) and all(_is_part(entity, k) for k in clashes)):
            kept.append(entity)
        elif entity.extractor == "encoder" and (entity.role or entity.group):
            for clash in clashes:
                if clash.entity == entity.entity and clash.role is None and clash.group is None:
                    kept[kept.index(clash)] = replace(clash, role=entity.role, group=entity.group)
    return tuple(sorted(kept, key=lambda entity: entity.start))


def _rank(entity: Entity) -> int:
    ranks = {"payload": 0, "rule": 1, "regex": 2, "lookup": 3, "encoder": 4}
    return 5 if _is_unsure(entity) else ranks.get(entity.extractor, 5)


def _is_unsure(entity: Entity) -> bool:
    return entity.extractor == "rule" and entity.confidence < 1


def _is_part(small: Entity, large: Entity) -> bool:
    is_inside = large.start <= small.start and small.end <= large.end
    return is_inside and small.entity != large.entity and len(small.text) < len(large.text)
