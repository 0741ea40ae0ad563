"""What was judged of short texts lately: greetings, tapped suggestions and thanks come again and
again, and what the encoder and the heads make of a text depends on nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from cachetools import LRUCache

from nlu.model import Verdict
from nlu.types import Vector

LONGEST = 64
"""Characters; longer texts hardly ever come again."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Of one text, by one model."""

    verdict: Verdict
    vector: Vector


class LatelyJudged:
    """Holds the `most` that were asked for last, by a hash: no customer's words stay here."""

    def __init__(self, most: int) -> None:
        self._judged: LRUCache[bytes, Judged] = LRUCache(most)

    def find(self, text: str) -> Judged | None:
        found: Judged | None = self._judged.get(_key(text))
        return found

    def keep(self, text: str, judged: Judged) -> None:
        if len(text) <= LONGEST and self._judged.maxsize:
            self._judged[_key(text)] = judged


def _key(text: str) -> bytes:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
