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
_ZH_TAIL = re.compile(r"(呢|的话)[?？!！。]*$")
_EN_LEAD = re.compile(r"^(and|what about|how about|but|then|also)\s+")
MOST_FRAGMENT_WORDS = 4
_ZH_QUESTION = re.compile(r"[吗么几多谁哪?]|什么|怎[么样]|如何|能|可以|是否|[\u4e00-\u9fff]不")
_EN_QUESTION = re.compile(
    r"\?|^(how|what|when|where|who|which|why|can|could|do|does|is|are|will|any)\b"
)
_ZH_BARE = re.compile(
    r"^(?:大概|一般|最快|最晚|到底|还|要|得|需要|能|可以)*"
    r"(?:多久|几天|几个工作日|多长时间|多少天|什么时候|啥时候|何时|几号)"
    r"(?:能|可以|会|要|才|时间)*(?:到|收到|拿到|给|给我|寄|寄来|寄到|送到|来|好|办好|弄好|下来|有结果)?"
    r"[吗呢啊呀呐]?[?？!！。]*$"
)
_EN_BARE = re.compile(
    r"^(?:so |and )?(?:about )?(?:how long|how many days|how soon|when)"
    r"(?: (?:will|do|does|can|should|would|is|i|it|you|that|get|take|arrive|come|be|ready|have|wait|to))*"
    r"[?!. ]*$"
)


def is_fragment(query: str) -> bool:
    """Whether `query` leans on what came before: short, and worded like a follow-up."""
    text = plain(query)
    words = content_words(text)
    if len(words) > MOST_FRAGMENT_WORDS + (0 if has_han(text) else 2):
        return False
    pattern = _ZH_FRAGMENT if has_han(text) else _EN_FRAGMENT
    return pattern.search(text) is not None


def is_short_question(query: str) -> bool:
    """Whether `query` asks something in few words: it may lean on what came before unmarked."""
    text = plain(query)
    pattern = _ZH_QUESTION if has_han(text) else _EN_QUESTION
    few = MOST_FRAGMENT_WORDS + (0 if has_han(text) else 2)
    return len(content_words(text)) <= few and pattern.search(text) is not None


def names_nothing(query: str) -> bool:
    """Whether `query` only asks when: ``多久能收到`` is about what was spoken of, whatever that is."""
    text = plain(query)
    return (_ZH_BARE if has_han(text) else _EN_BARE).match(text) is not None


def follow_up(query: str, context: Sequence[str]) -> tuple[str, str] | None:
    """What was asked before, and `query` with its subject; None where nothing fits.

    ``follow_up("要几天", ["发票怎么开"])`` is ``("发票怎么开", "发票 怎么 开 要几天")``.
    """
    if not is_short_question(query):
        return None
    return _completed(plain(query), context)


def rewrite(query: str, context: Sequence[str]) -> str | None:
    """`query` with the subject of the last full question before it; None if it needs none.

    ``rewrite("那运费呢？", ["我想退货，怎么操作？"])`` is ``"退货 怎么 操作 运费呢?"``.
    """
    if not context or not is_fragment(query):
        return None
    completed = _completed(_without_lead(query), context)
    return completed[1] if completed else None


def asked_before(query: str, context: Sequence[str]) -> str | None:
    """The last full question before `query`, of which it is a follow-up."""
    completed = _completed(_without_lead(query), context)
    return completed[0] if completed else None


def subject_of(query: str) -> str:
    """What a follow-up names: ``那信用卡呢？`` is about ``信用卡``."""
    return _ZH_TAIL.sub("", _without_lead(query)).strip(" ?？。.!！")


def _without_lead(query: str) -> str:
    text = plain(query)
    lead = _ZH_LEAD if has_han(text) else _EN_LEAD
    return lead.sub("", text)


def _completed(rest: str, context: Sequence[str]) -> tuple[str, str] | None:
    """The last full question before it, and `rest` with its subject."""
    mine = set(content_words(rest))
    for earlier in reversed(context[-LOOK_BACK:]):
        subject = [word for word in content_words(earlier) if word not in mine]
        if subject and not is_fragment(earlier):
            return earlier, f"{' '.join(dict.fromkeys(subject))} {rest}"
    return None
