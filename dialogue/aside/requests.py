"""Messages of several clauses: ``查下 A10023 到哪了，另外怎么开发票？``"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from dialogue.aside.answers import only_answers
from dialogue.knowledge.types import SearchResult
from dialogue.policy.rules import RulePolicy
from dialogue.project.model import AssistantSettings
from dialogue.replies.cues import Cues
from nlu.types import FALLBACK_INTENT, Parser, Understanding, Vector

Search = Callable[[str, Vector | None, Sequence[str]], Awaitable[SearchResult | None]]
"""What the knowledge has on a question, by its vector too, that comes after others in its message."""
MAX_REQUESTS = 3
MAX_CHARS = 300
"""Longer messages are stories, not lists of requests."""
_SURE_OF_HUMAN = 0.9
"""A clause without its sentence is read more boldly than a message; hence more than usual."""
MAX_CLAUSES = 12
"""A request for a human is looked for in so many clauses, the last ones."""
_LIKELY = 0.5
"""An entry that answers likelier than not is worth a part of its own, if another part is answered."""
_MIN_CHARS = 3
_FEWEST_OF_HUMAN = 2
"""``垃圾 喊人``."""
_BLANK = r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])"
_NUMBERED = r"(?:^|(?<=[\s，,；;。？?！!]))(?:[1-9]\s*[.、)）:：]|[①-⑨])\s*(?=\D)"
_SENTENCE_END = r"[。！？!?；;\n…]+|\.+(?=\s|$)"
_SAID_BORDER = (
    r"[，,\s]*(?:另外|顺便问一下|顺便问下|顺便|还有就是|再问一下|再问下)"
    r"|[，,]\s*还有(?=\S{3})"
    r"|[，,、；\s]+(?:其次|再就是|第?[二三](?:是|件事?是?|个问题是?))[，,：:]?"
    r"|[，,\s]*(?:然后|接着)(?:再|还)?\s*(?=\S{3})"
    r"|(?:,\s*|\s+)(?:and\s+)?then\s+(?=\S+\s)"
    r"|\s*,?\s+and\s+(?=(?:can|could|how|what|where|when|do|does|is|are|will)\s)"
    r"|(?:,\s*|\s+)(?:and also|also,|and by the way|by the way)\s"
)
_REQUEST = re.compile(
    rf"{_NUMBERED}|(?:{_SENTENCE_END})(?:\s*and\s)?|{_SAID_BORDER}|{_BLANK}", re.IGNORECASE
)
_CLAUSE = re.compile(f"{_SENTENCE_END}|[，,]+")
_OUTCRY = re.compile(f"{_CLAUSE.pattern}|{_BLANK}")
_BY_BLANK = re.compile(_BLANK)


def _parts(text: str, border: re.Pattern[str], most: int = 0) -> list[str]:
    """What stands between borders, at most `most` of which are minded; 0 is all."""
    return [part for piece in border.split(text, maxsplit=most) if (part := piece.strip())]


def _long_enough(parts: Sequence[str]) -> list[str]:
    return [part for part in parts if len(part) >= _MIN_CHARS]


async def as_wish_for_human(
    understanding: Understanding, parser: Parser, settings: AssistantSettings, cues: Cues
) -> Understanding:
    """`understanding`, or the same as a request for a human where one clause surely is that.

    A complaint of five sentences may be about anything; the sixth, "get me somebody", counts,
    ``不用转人工`` does not: of ``不用转人工，查下快递`` the second is heard.
    """
    clauses = _parts(understanding.said, _OUTCRY)
    if understanding.intent.name in settings.human_intents:
        rest = [clause for clause in clauses if not cues.declines_human(clause)]
        if not rest or len(rest) == len(clauses):
            return understanding
        return await parser.parse("，".join(rest))
    clauses = [one for one in clauses if len(one) >= _FEWEST_OF_HUMAN]
    if len(clauses) < 2:
        return understanding
    clauses = [clause for clause in clauses if not cues.declines_human(clause)]
    reads = await asyncio.gather(*(parser.parse(one) for one in clauses[-MAX_CLAUSES:]))  # a batch
    for read in reversed(reads):
        if read.intent.name in settings.human_intents and read.intent.confidence >= _SURE_OF_HUMAN:
            ranking = (read.intent, *understanding.intent_ranking)
            return replace(understanding, intent=read.intent, intent_ranking=ranking)
    return understanding


async def request_besides(
    understanding: Understanding, parser: Parser, rules: RulePolicy, settings: AssistantSettings
) -> Understanding | None:
    """What is wanted instead, where a message gives up a task: ``先别取消，改地址吧``."""
    if understanding.intent.name not in settings.cancel_intents:
        return None
    clauses = _parts(understanding.said, _CLAUSE)
    if not 2 <= len(clauses) <= MAX_REQUESTS + 1:
        return None
    for read in reversed(await _clauses(_long_enough(clauses), parser, settings)):
        if read.intent.name in settings.cancel_intents:
            return None
        if _kind(read, rules, settings.sure_intent) == "request":
            return read
    return None


async def given_up_for(
    understanding: Understanding, parser: Parser, rules: RulePolicy, settings: AssistantSettings
) -> Sequence[Understanding]:
    """Of ``先不退了，能换成白色吗`` in a form: that it is given up, and what is wanted instead.

    As a whole it is that other wish, after which the form would go on. Empty for all else.
    """
    if _kind(understanding, rules, settings.sure_intent) != "request":
        return ()
    if understanding.intent.name in (*settings.cancel_intents, *settings.human_intents):
        return ()
    clauses = _parts(understanding.said, _CLAUSE, 1)
    if len(clauses) < 2 or len(clauses[1]) < _MIN_CHARS or len(understanding.said) > MAX_CHARS:
        return ()
    first = await parser.parse(clauses[0])
    gives_up = first.intent.name in settings.cancel_intents
    if not gives_up or first.intent.confidence < settings.sure_intent:
        return ()
    return (first, await parser.parse(clauses[1]))


async def requests_in(
    understanding: Understanding,
    parser: Parser,
    rules: RulePolicy,
    settings: AssistantSettings,
    cues: Cues,
    search: Search,
) -> Sequence[Understanding]:
    """The requests of the message, those that need no answer back first; empty if it is one.

    Nothing is taken apart unless every part is a request of its own beyond doubt, or a question that
    the knowledge answers. Questions are two where two entries answer them: ``怎么退货？运费谁出？``.
    What is set off by a blank alone may be what the question is about: in ``去店里买 积分给不给`` one
    thing is asked.
    """
    text = understanding.said
    if len(text) > MAX_CHARS:
        return ()
    parts = _long_enough(_parts(text, _REQUEST))
    if not 2 <= len(parts) <= MAX_REQUESTS + 1:
        return ()
    found: list[_Part] = []
    sure = False
    by_blank = _BY_BLANK.search(text) is not None
    clauses = await _clauses(parts, parser, settings)
    for at, read in enumerate(clauses):
        kind, entry = _kind(read, rules, settings.commit_intent), None
        asks = cues.asks(read.said) and all(map(_by_finding, rules.answers(read.intent.name)))
        before = [one.said for one in clauses[:at]]
        seen = await search(read.said, read.vector, before) if asks and kind != "courtesy" else None
        if seen is not None:
            sure = sure or seen.verdict == "answer"
            if (entry := _worth_a_part(seen, by_blank)) is not None:
                kind = "request"
        if kind == "doubt" or (kind == "request" and by_blank and _tells(read, rules, cues)):
            return ()
        part = _Part(read, entry)
        if kind == "request" and not any(part.is_same(one) for one in found):
            found.append(part)
            sure = sure or read.intent.confidence >= settings.sure_intent
    if not sure or not 2 <= len(found) <= MAX_REQUESTS:
        return ()
    reads = [part.read for part in found]
    return sorted(reads, key=lambda one: not all(map(only_answers, rules.answers(one.intent.name))))


def _worth_a_part(seen: SearchResult, by_blank: bool) -> str | None:
    """The entry that answers a part, surely where only a blank sets it off, else likelier than not."""
    if seen.best is None:
        return None
    is_likely = not by_blank and seen.best.score >= _LIKELY
    return seen.best.entry.id if is_likely or seen.verdict == "answer" else None


@dataclass(frozen=True, slots=True)
class _Part:
    """A request of a message, and the entry that answers it if it is a question."""

    read: Understanding
    entry: str | None

    def is_same(self, other: _Part) -> bool:
        """What only tells (``新卡，旧号还在用``) belongs to a question of the same intent."""
        if self.entry is not None and other.entry is not None:
            return self.entry == other.entry
        return self.read.intent.name == other.read.intent.name


async def _clauses(
    parts: Sequence[str], parser: Parser, settings: AssistantSettings
) -> Sequence[Understanding]:
    """``["查下快递", "A10023", "怎么开发票"]``: the number goes with what stands before it."""
    clauses: list[Understanding] = []
    told = ""
    for part in parts:
        read = await parser.parse(part)
        if read.intent.name not in settings.inform_intents:
            clauses.append(await parser.parse(f"{told} {part}") if told else read)
            told = ""
        elif clauses:
            clauses[-1] = await parser.parse(f"{clauses[-1].text} {part}")
        else:
            told = f"{told} {part}".strip()
    return clauses


def _by_finding(action: str) -> bool:
    """Whether what an action says depends on what was asked, as far as its name tells."""
    return only_answers(action) and not action.startswith("utter_")


def _tells(read: Understanding, rules: RulePolicy, cues: Cues) -> bool:
    """Whether nothing is asked for: no question, and no task to be done."""
    return not cues.asks(read.text) and all(map(only_answers, rules.answers(read.intent.name)))


def _kind(read: Understanding, rules: RulePolicy, sure: float) -> str:
    name = read.intent.name
    answers = rules.answers(name)
    if name == FALLBACK_INTENT or read.intent.confidence < sure or not answers:
        return "doubt"
    return "courtesy" if all(action.startswith("utter_") for action in answers) else "request"
