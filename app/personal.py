"""Hides customers' personal data where the owner does not want it: stored, or sent elsewhere."""

from __future__ import annotations

from collections.abc import Collection

from app.words import Words
from nlu.extract.personal import mask_personal
from nlu.types import Language, PersonalKind


class Mask:
    """``mask("我的卡号 4111 1111 1111 1111", "zh")`` is ``"我的卡号 [卡号已隐去]"``."""

    def __init__(self, kinds: Collection[PersonalKind], words: Words) -> None:
        self._kinds = frozenset(kinds)
        self._words = words

    def __bool__(self) -> bool:
        """Whether it hides anything."""
        return bool(self._kinds)

    def __call__(self, text: str, language: Language) -> str:
        return mask_personal(
            text, self._kinds, lambda kind: self._words.notice(f"hidden_{kind}", language)
        )
