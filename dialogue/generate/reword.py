"""Says an agent's or a customer's words anew: in the other language, or in the house's tone.

What a model returns is used only if it kept every figure, link, address and code, and added none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, Protocol, runtime_checkable

import yaml

from dialogue.generate.grounding import facts
from dialogue.generate.prompt import Prompt, harmless_lines
from nlu.types import Language

Task = Literal["translate", "tone"]
MOST_CHARS = 2_000
MOST_TOKENS = 1_200
TIMES: Mapping[Task, float] = {"translate": 6.0, "tone": 3.0}
"""So many times longer than what was said, and 80 characters, a text is no rewording of it."""


@dataclass(frozen=True, slots=True)
class Rewording:
    text: str
    task: Task
    language: Language
    """Of the result."""
    deadline_s: float = 20.0


@dataclass(frozen=True, slots=True)
class NotReworded:
    reason: Literal["busy", "deadline", "broken", "changed"]
    """changed: the model's text says another figure, link or code; it is not shown."""
    words: str = ""
    """For the log: what was changed."""


@runtime_checkable
class Rewriter(Protocol):
    async def reword(self, request: Rewording) -> str | NotReworded:
        """Raises nothing but `CancelledError`."""
        ...


@lru_cache(maxsize=1)
def _words() -> Mapping[str, Mapping[str, str]]:
    text = (files(__package__) / "rewordings.yml").read_text(encoding="utf-8")
    words: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return words


def reword_prompt(request: Rewording) -> Prompt:
    words = _words()[request.task]
    text = harmless_lines(request.text, MOST_CHARS)
    return Prompt(words[request.language], f"<text>\n{text}\n</text>")


def taken(request: Rewording, said: str) -> str | NotReworded:
    """What a model said, if it is a rewording and nothing else."""
    text = said.replace("<text>", "").replace("</text>", "").strip()
    if not text or len(text) > TIMES[request.task] * len(request.text) + 80:
        return NotReworded("broken", f"{len(text)} characters")
    before, after = _figures(request.text), _figures(text)
    if before != after:
        return NotReworded("changed", " ".join(value for _, value in sorted(before ^ after)))
    return text


def _figures(text: str) -> frozenset[tuple[str, str]]:
    """Without units, which have other names in another language."""
    return frozenset((fact.kind, fact.value) for fact in facts(text))
