"""The smallest pieces that an entity may begin or end at, with exact offsets.

A Han character is a unit by itself, for the encoder's pieces cross entities' borders; a run of
letters is one, so is each digit run, and every other visible character.
"""

from __future__ import annotations

import re

_UNIT = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    r"|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+|\d+|[^\s]"
)


def units(text: str) -> list[tuple[int, int]]:
    """``"退A1002吧"`` gives 退, A, 1002, 吧 as (start, end)."""
    return [match.span() for match in _UNIT.finditer(text)]
