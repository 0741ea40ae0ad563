"""In which language a customer is answered."""

from __future__ import annotations

import re

from dialogue.events import UserUttered
from dialogue.payload import read_payload
from dialogue.replies.cues import Cues
from dialogue.tracker import Tracker
from dialogue.types import TurnRequest
from nlu.types import Language

_CODE = re.compile(r"\S*[\d@]\S*")
_WORD = re.compile(r"[A-Za-z]{2,}|[\u3400-\u9fff]")


def language_of(tracker: Tracker, request: TurnRequest, cues: Cues) -> Language:
    """The language of this message, or of the last one that showed any.

    Who asks in one language for the other is answered in that until they write in it too.
    """
    understanding = request.understanding
    wished = cues.wished_language(understanding.text)
    if wished is not None:
        return wished
    shown = [_shown(understanding.text, understanding.language)]
    for event in reversed(tracker.events):
        if not isinstance(event, UserUttered) or not event.text:
            continue
        wished = cues.wished_language(event.text)
        if wished is not None and wished not in shown:
            return wished
        told = event.parse_data.get("language")
        shown.append(_shown(event.text, "en" if told == "en" else "zh"))
        if wished is not None or {"zh", "en"} <= set(shown):
            break
    before = request.language or understanding.language
    return next((language for language in shown if language), before)


def _shown(text: str, language: Language) -> Language | None:
    """`language`, if there is a word in it: order numbers, payloads and emoji are of none."""
    words = not read_payload(text) and _WORD.search(_CODE.sub(" ", text))
    return language if words else None
