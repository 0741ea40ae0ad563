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
WORDS_THAT_TELL = 3
"""Of English: "OK", "hello" and "thanks a lot" are said in Chinese talk too."""


def language_of(tracker: Tracker, request: TurnRequest, cues: Cues) -> Language:
    """The language of this message, or of the last one that showed any.

    Who asks in one language for the other is answered in that until they write in it too.
    """
    understanding = request.understanding
    wished = cues.wished_language(understanding.text)
    if wished is not None:
        return wished
    shown = [language_shown(understanding.text, understanding.language)]
    hinted = _words_in(understanding.text) > 0
    for event in reversed(tracker.events):
        if not isinstance(event, UserUttered) or not event.text:
            continue
        wished = cues.wished_language(event.text)
        if wished is not None and wished not in shown:
            return wished
        told = event.parse_data.get("language")
        shown.append(language_shown(event.text, "en" if told == "en" else "zh"))
        hinted = hinted or _words_in(event.text) > 0
        if wished is not None or {"zh", "en"} <= set(shown):
            break
    before: Language = "en" if hinted else request.language or understanding.language
    return next((language for language in shown if language), before)


def language_shown(text: str, language: Language) -> Language | None:
    """`language`, if enough words of it are there: order numbers, payloads and emoji are of none."""
    least = 1 if language == "zh" else WORDS_THAT_TELL
    return language if _words_in(text) >= least else None


def _words_in(text: str) -> int:
    return 0 if read_payload(text) else len(_WORD.findall(_CODE.sub(" ", text)))
