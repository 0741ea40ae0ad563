"""What was made of short texts lately: greetings, tapped suggestions and thanks come again and again,
and what the encoder and the heads make of a text depends on nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from nlu.encoder.tokenizer import Encoding
from nlu.model import Verdict
from nlu.types import Vector

LONGEST = 64
"""Characters or tokens; longer texts hardly ever come again."""


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


class LatelyEncoded:
    """The same of what the encoder alone makes of a text's tokens."""

    def __init__(self, most: int) -> None:
        self._rows: LRUCache[bytes, NDArray[np.float32]] = LRUCache(most)

    def find(self, encoding: Encoding) -> NDArray[np.float32] | None:
        found: NDArray[np.float32] | None = self._rows.get(_digest(encoding.ids.tobytes()))
        return found

    def keep(self, encoding: Encoding, row: NDArray[np.float32]) -> None:
        if len(encoding) <= LONGEST and self._rows.maxsize:
            self._rows[_digest(encoding.ids.tobytes())] = row


def _key(text: str) -> bytes:
    return _digest(text.encode(errors="surrogatepass"))


def _digest(told: bytes) -> bytes:
    return blake2b(told, digest_size=16).digest()
