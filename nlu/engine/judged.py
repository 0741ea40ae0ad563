"""What was judged of short texts lately: greetings, tapped suggestions and thanks come again and
again, and what the encoder and the heads make of a text depends on nothing else.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b

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
        self._most = most
        self._judged: OrderedDict[bytes, Judged] = OrderedDict()

    def find(self, text: str) -> Judged | None:
        key = _key(text)
        found = self._judged.get(key)
        if found is not None:
            self._judged.move_to_end(key)
        return found

    def keep(self, text: str, judged: Judged) -> None:
        if len(text) > LONGEST:
            return
        self._judged[_key(text)] = judged
        if len(self._judged) > self._most:
            self._judged.popitem(last=False)


def _key(text: str) -> bytes:
    return blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
