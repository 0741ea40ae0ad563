"""Completes a fragment from what was said before: after a refund question, ``那运费呢？``."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dialogue.knowledge.text import content_words, has_han, plain

LOOK_BACK = 3
"""Earlier messages that may give the missing subject."""
_ZH_FRAGMENT = re.compile(r"^(那|那么|还有|另外|如果是)|(呢|的话)[?？!！。]*$")
_EN_FRAGMENT = re.compile(
    r"^(and|what about|how about|what if|but|then|also)\b|\b(it|that|this|those|them)\b"
)
_ZH_LEAD = re.compile(r"^(那么|那|还有|另外)")
_EN_LEAD = re.compile(r"^(and|what about|how about|but|then|also)\s+")
MOST_FRAGMENT_WORDS = 4


def is_fragment(query: str) -> bool:
    """Whether `query` leans on what came before: short, and worded like a follow-up."""
    text = plain(query)
    words = content_words(text)
    if len(words) > MOST_FRAGMENT_WORDS + (0 if has_han(text) else 2):
        return False
    pattern = _ZH_FRAGMENT if has_han(text) else _EN_FRAGMENT
    return pattern.search(text) is not None


def rewrite(query: str, context: Sequence[str]) -> str | None:
    """`query` with the subject of the last full question before it; None if it needs none.

    ``rewrite("那运费呢？", ["我想退货，怎么操作？"])`` is ``"退货 操作 运费呢?"``.
    """
    if not context or not is_fragment(query):
        return None
    text = plain(query)
    lead = _ZH_LEAD if has_han(text) else _EN_LEAD
    rest = lead.sub("", text)
    mine = set(content_words(rest))
    for earlier in reversed(context[-LOOK_BACK:]):
        subject = [word for word in content_words(earlier) if word not in mine]
        if subject and not is_fragment(earlier):
            return f"{' '.join(dict.fromkeys(subject))} {rest}"
    return None
