"""Recognises wording whose meaning does not depend on the bot: short messages, set phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from dialogue.folding import fold, without_apostrophes
from dialogue.project.problems import Report
from dialogue.project.yaml_nodes import read_yaml
from nlu.types import Language

_PAUSE = r"[\s,，.。、:：!！~～]*"
_FEWEST_ASKED = 3
_FEWEST_BEGUN = 2
_INSTEAD = re.compile(
    r"(?:那么?|要是|如果是|换成)(.{1,12}?)呢|(?:and|or)?\s*(?:what|how) about (.{2,40})|and (?:for|to|in) (.{2,40})"
)
_OR_NOT = re.compile(r"([\u4e00-\u9fff])[不没]\1")
"""``给不给``, ``有没有``."""
_EDGES = " \t\r\n.。!！,，;；~～…、"


def folded(text: str) -> str:
    """Full width to half, lower case, without apostrophes and without punctuation at the ends."""
    return without_apostrophes(fold(text)).strip(_EDGES)


class Cues:
    """The lists of ``cues.yml``."""

    def __init__(self, lists: Mapping[str, tuple[str, ...]]) -> None:
        self._human = frozenset(lists["human"])
        self._human_in = lists["human_in"]
        self._human_not = lists["human_not"]
        self._human_about = lists["human_about"]
        self._naming = _any_of(lists["naming"])
        self._cancel = frozenset(lists["cancel"])
        self._correction = lists["correction"]
        self._question = lists["question"]
        self._question_start = lists["question_start"]
        self._how = lists["how"]
        self._how_not = lists["how_not"]
        self._pronoun = _any_of(lists["pronoun"])
        self._pronoun_not = _any_of(lists["pronoun_not"])
        lead_ins = _any_of(lists["lead_in"]).pattern
        self._lead_in = re.compile(rf"(?:(?:{lead_ins}){_PAUSE})+", re.IGNORECASE)
        self._accept = frozenset(lists["accept"])
        self._yes_first = _first(lists["yes_first"], lists["yes_alone"])
        self._no_first = _first(lists["no_first"], lists["no_alone"])
        self._turns_round = _any_of(lists["turns_round"])
        self._cancel_first = lists["cancel_first"]
        self._cancel_first_not = lists["cancel_first_not"]
        self._wait = _any_of(lists["wait"])
        self._wait_besides = _any_of(lists["wait_besides"])
        self._languages: dict[Language, re.Pattern[str]] = {
            "zh": _any_of(lists["chinese"]),
            "en": _any_of(lists["english"]),
        }
        self._language_not = _any_of(lists["language_not"])
        self._language_besides = _any_of(lists["language_besides"])
        self._fragment = _any_of(lists["fragment"])
        self._fragment_not = frozenset(lists["fragment_not"])
        self._places = tuple(frozenset(lists[name]) for name in ("first", "second", "third"))

    @classmethod
    def load(cls, file: Path | None = None) -> Cues:
        report = Report()
        read = read_yaml(file or Path(__file__).with_name("cues.yml"), report)
        if read is None:
            raise ValueError(str(report.errors[0]))
        return cls(
            {name: tuple(_with_marks(str(v)) for v in values) for name, values in read.items()}
        )

    def asks_for_human(self, text: str) -> bool:
        """Whether the message, or any part of it, is a wish for a human.

        Worked example: ``等了两周没人理，我要转人工`` is one; ``不用转人工`` and ``人工客服几点上班``
        are none.
        """
        plain = folded(text)
        if plain in self._human:
            return True
        if any(cue in plain for cue in self._human_about):
            return False
        return any(not is_declined for is_declined in self._humans_in(plain))

    def declines_human(self, text: str) -> bool:
        """Whether a human is spoken of only as not wanted: ``不用转人工``."""
        declined = list(self._humans_in(folded(text)))
        return bool(declined) and all(declined)

    def _humans_in(self, plain: str) -> Iterator[bool]:
        """Of each way of asking for a human that is there, whether it is declined."""
        for cue in self._human_in:
            if (at := plain.find(cue)) >= 0:
                before = (plain[:at].rstrip(), plain[: at + 1])  # 不要 goes into 要人工
                yield any(words.endswith(self._human_not) for words in before)

    def without_naming(self, text: str) -> str:
        """`text` without the words that only say what a value is: ``订单号是`` of an order."""
        return self._naming.sub(" ", folded(text))

    def cancels(self, text: str) -> bool:
        plain = folded(text)
        if plain.startswith(self._cancel_first_not):
            return False
        return plain in self._cancel or plain.startswith(self._cancel_first)

    def first_says(self, text: str) -> bool | None:
        """Whether the message begins with a yes or a no: ``yes cancel it``; None for neither."""
        plain = folded(text)
        if self._no_first.match(plain):
            return False
        began = self._yes_first.match(plain)
        if began is None or self._turns_round.search(plain, began.end()):
            return None
        return True

    def corrects(self, text: str) -> bool:
        return folded(text).startswith(self._correction)

    def asks(self, text: str) -> bool:
        """Whether the message reads like a question."""
        plain = _with_marks(text)
        return (
            any(cue in plain for cue in self._question)
            or plain.startswith(self._question_start)
            or _OR_NOT.search(plain) is not None
        )

    def question_of(self, text: str) -> str:
        """`text` from where its question begins.

        Worked example: ``不对 我先问下运费谁出`` asks ``运费谁出``. What would leave nothing to ask
        stays as it is.
        """
        began = self._lead_in.match(text)
        rest = text[began.end() :].strip() if began is not None else ""
        return rest if len(rest) >= _FEWEST_ASKED else text

    def accepts(self, text: str) -> bool:
        """Whether the message only takes what was offered."""
        return folded(text) in self._accept

    def asks_to_wait(self, text: str) -> bool:
        """Whether the message, and all of it, asks for time: ``好的，等一下我看看``."""
        rest, found = self._wait.subn(" ", folded(text))
        if not found:
            return False
        rest = self._wait_besides.sub(" ", rest)
        return not any(letter.isalnum() for letter in rest)

    def instead_of(self, text: str) -> str | None:
        """What an elliptic question puts in the place of what was asked about before.

        Worked example: ``那水壶呢`` puts ``水壶``, ``how about the kettle?`` puts ``the kettle``.
        """
        found = _INSTEAD.fullmatch(folded(text).rstrip("?？"))
        what = next(filter(None, found.groups()), None) if found else None
        return None if what is None or self.asks(what) else what

    def wished_language(self, text: str) -> Language | None:
        """The language that the message, and all of it, asks to go on in.

        Worked example: ``英文可以吗`` and ``I don't read Chinese`` wish for English; ``有英文说明书吗``
        wishes for a manual.
        """
        plain = folded(text)
        found = [
            (named.start(), language)
            for language, names in self._languages.items()
            for named in names.finditer(plain)
        ]
        if not found:
            return None
        rest = plain
        for pattern in (*self._languages.values(), self._language_not, self._language_besides):
            rest = pattern.sub(" ", rest)
        if any(letter.isalnum() for letter in rest):
            return None
        language = max(found)[1]
        if len({one for _, one in found}) == 1 and self._language_not.search(plain):
            return "zh" if language == "en" else "en"
        return language

    def is_fragment(self, text: str) -> bool:
        """Whether the message has only begun to say something: ``I want to``, ``我想问一下``."""
        plain = folded(text)
        if len(plain) < _FEWEST_BEGUN or plain in self._fragment_not or plain in self._accept:
            return False
        if not any(letter.isalnum() for letter in plain):
            return False
        rest = self._fragment.sub(" ", plain)
        return not any(letter.isalnum() for letter in rest)

    def with_referent(self, text: str, referent: str) -> str:
        """`text` with `referent` in place of its pronoun: ``那个保修多久`` of 耳机 is ``耳机保修多久``."""
        plain = folded(text)
        if self._pronoun_not.search(plain) or not self._pronoun.search(plain):
            return text
        return self._pronoun.sub(lambda _: referent, fold(text).strip(_EDGES), count=1)

    def place(self, text: str) -> int | None:
        """The place in a list that the message names, from 0: ``第二个`` is 1."""
        plain = folded(text)
        return next((n for n, cues in enumerate(self._places) if plain in cues), None)

    def asks_how(self, text: str) -> bool:
        """Whether the message asks how something is done, rather than to have it done."""
        plain = _with_marks(text)
        return any(cue in plain for cue in self._how) and not any(
            cue in plain for cue in self._how_not
        )


def _any_of(cues: Sequence[str]) -> re.Pattern[str]:
    """Any of `cues`, the longest first; those of an alphabet as whole words only."""
    ordered = sorted(cues, key=len, reverse=True)
    words = [rf"\b{re.escape(cue)}\b" if cue.isascii() else re.escape(cue) for cue in ordered]
    return re.compile("|".join(words))


def _first(cues: Sequence[str], alone: Sequence[str]) -> re.Pattern[str]:
    """Any of `cues`, or of `alone` with a pause behind it, at the start or after a hum."""
    hums = rf"(?:(?:h+m+|um+|uh+|well|oh|哦|呃|额|啊){_PAUSE})*"
    paused = rf"(?:{_any_of(alone).pattern})(?=[\s,，.。!！;；~～]|$)"
    return re.compile(rf"{hums}(?:{_any_of(cues).pattern}|{paused})")


def _with_marks(text: str) -> str:
    """As `folded`, with punctuation at the ends: a question mark tells something, and a cue may have one."""
    return without_apostrophes(fold(text)).strip()
