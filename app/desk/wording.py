"""Customers' words in the agent's language, the agent's in the customer's, and in the house's tone.

By a language model behind an OpenAI-compatible endpoint. The local one is too small for it: it
quotes passages, it does not write.
"""

from __future__ import annotations

import structlog

from app.errors import Busy, Refused, Unavailable
from dialogue.generate.reword import MOST_CHARS, NotReworded, Rewording, Rewriter, Task
from nlu.types import Language

log = structlog.get_logger()


class Wording:
    def __init__(self, rewriter: Rewriter | None, deadline_s: float) -> None:
        self._rewriter = rewriter
        self._deadline_s = deadline_s

    @property
    def available(self) -> bool:
        return self._rewriter is not None

    async def reword(self, text: str, task: Task, language: Language) -> str:
        """Raises `Refused` (`wording_off`, `wording_changed`), `Busy`, `Unavailable`."""
        if self._rewriter is None:
            raise Refused("wording_off")
        if not text.strip():
            raise Refused("empty")
        if len(text) > MOST_CHARS:
            raise Refused("wording_long", most=MOST_CHARS, got=len(text))
        found = await self._rewriter.reword(Rewording(text, task, language, self._deadline_s))
        if isinstance(found, str):
            return found
        log.warning("not_reworded", task=task, reason=found.reason)
        raise _error(found)


def _error(why: NotReworded) -> Refused | Unavailable:
    if why.reason == "changed":
        return Refused("wording_changed", values=why.words)
    if why.reason == "busy":
        return Busy()
    return Unavailable("wording_failed")
