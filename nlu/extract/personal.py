"""Personal data that can be told by its form: addresses, telephones, identity and card numbers.

Numbers are believed only with their check digit (identity numbers by GB 11643, cards by Luhn), so
that an order number stays what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from nlu.extract.values.contacts import find_emails, find_phones
from nlu.types import PERSONAL_KINDS, PersonalKind

_FULL_WIDTH = str.maketrans(
    {chr(0xFF10 + n): str(n) for n in range(10)} | {"－": "-", "Ｘ": "X", "　": " "}
)
"""One character for one: offsets stay."""
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])(?:[3-6]|2(?=[ -]?[2-7]))(?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")
"""Payment cards begin with 22-27 or 3-6 (ISO/IEC 7812); a date does not."""
_DIGITS = re.compile(r"[0-9]")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


class Personal(NamedTuple):
    start: int
    end: int
    kind: PersonalKind


def find_personal(text: str, kinds: Collection[PersonalKind] = PERSONAL_KINDS) -> list[Personal]:
    """Where personal data of these kinds is, in order, without overlaps.

    ``find_personal("卡号 4111 1111 1111 1111，谢谢")`` is ``[Personal(3, 22, "card")]``.
    """
    plain = text.translate(_FULL_WIDTH)
    found: list[Personal] = []
    for kind in PERSONAL_KINDS:
        if kind in kinds:
            for start, end in _FINDERS[kind](plain):
                if all(end <= other.start or start >= other.end for other in found):
                    found.append(Personal(start, end, kind))
    return sorted(found)


def mask_personal(
    text: str, kinds: Collection[PersonalKind], word: Callable[[PersonalKind], str]
) -> str:
    """`text` with a word in the place of each."""
    if not kinds:
        return text
    parts, done = [], 0
    for start, end, kind in find_personal(text, kinds):
        parts += [text[done:start], word(kind)]
        done = end
    return "".join([*parts, text[done:]])


def _emails(text: str) -> Iterator[tuple[int, int]]:
    if "@" in text:
        yield from ((found.start, found.end) for found in find_emails(text))


def _phones(text: str) -> Iterator[tuple[int, int]]:
    if _DIGITS.search(text):
        yield from ((found.start, found.end) for found in find_phones(text))


def _id_numbers(text: str) -> Iterator[tuple[int, int]]:
    for match in _ID_NUMBER.finditer(text):
        digits = match.group().upper()
        total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
        if "10X98765432"[total % 11] == digits[17]:
            yield match.span()


def _cards(text: str) -> Iterator[tuple[int, int]]:
    for match in _CARD.finditer(text):
        digits = [int(digit) for digit in re.sub(r"[ -]", "", match.group())]
        doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
        if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0:
            yield match.span()


_FINDERS: dict[PersonalKind, Callable[[str], Iterator[tuple[int, int]]]] = {
    "email": _emails,
    "id_number": _id_numbers,
    "card": _cards,
    "phone": _phones,
}
