"""Reads what was typed in pinyin without an input method: ``"wo yao tui huo"`` is 我要退货."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from nlu.text.english import is_english

MOST_SYLLABLES = 4
"""Of one word or phrase; a character has one."""
FEWEST_ALONE = 3
"""Syllables of a single word; fewer are a name as likely as a message."""
FOREIGN = 0.25
"""The share of words that are not English. Of 23,000 English questions 65 have words alone that could
be pinyin, and in those are fewer of them; of Chinese ones in pinyin 96 of 100 have more."""
_SYLLABLE = re.compile(
    "(?:[bpmfdtnlgkhjqxrzcsyw]|[zcs]h)?"
    "(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un"
    "|uo|a|e|i|o|u|v)"
)
_LONGEST = len("zhuang")

SpelledOut = Mapping[str, tuple[str, float]]
"""The likeliest word of each spelling, and the logarithm of how likely it is."""


def is_pinyin(words: Sequence[str]) -> bool:
    """Every word could be, and some are not English; who writes a capital writes a name.

    The first of three may have one all the same: telephones put it there.
    """
    if len(words) > 2 and words[0][1:].islower():
        words = [words[0].lower(), *words[1:]]
    syllables: list[int] = []
    for word in words:
        count = _syllables(word) if word.islower() else 0
        if not count:
            return False
        syllables.append(count)
    if len(words) < 2 and sum(syllables) < FEWEST_ALONE:
        return False
    foreign = [count for word, count in zip(words, syllables, strict=True) if not is_english(word)]
    return any(count > 1 for count in foreign) or len(foreign) >= FOREIGN * len(words)


def read_pinyin(words: Sequence[str], spelt: SpelledOut) -> list[tuple[int, int, str]]:
    """The likeliest Chinese words that cover all syllables; none where some syllable has no word.

    Each with its begin and end in the letters of `words`, put together; a word may go on over their
    borders, a syllable may not.
    """
    letters = "".join(words)
    borders = [0]
    for word in words:
        borders.append(borders[-1] + len(word))
    inside = frozenset(borders)

    def words_from(start: int) -> Iterator[tuple[int, float, str]]:
        for end in _word_ends(letters, start, inside):
            known = spelt.get(letters[start:end])
            if known is not None:
                yield end, known[1], known[0]

    return likeliest(len(letters), words_from)


def likeliest(
    size: int, words_from: Callable[[int], Iterable[tuple[int, float, str]]]
) -> list[tuple[int, int, str]]:
    """The words that cover `size` places from the first to the last and are likeliest together:
    begin, end and word of each; none where none do. `words_from` gives the words that begin at a
    place: end, logarithm of how likely, word."""
    best: dict[int, tuple[float, int, str]] = {0: (0.0, 0, "")}
    for start in range(size):
        if start in best:
            for end, likely, word in words_from(start):
                together = best[start][0] + likely
                if end not in best or together > best[end][0]:
                    best[end] = (together, start, word)
    found: list[tuple[int, int, str]] = []
    end = size
    while end and end in best:
        _, start, word = best[end]
        found.append((start, end, word))
        end = start
    return [] if end else found[::-1]


def _syllables(word: str) -> int:
    """The fewest that make a word; 0 where none do."""
    fewest = {0: 0}
    for start in range(len(word)):
        if start in fewest:
            for end in _syllable_ends(word, start):
                fewest[end] = min(fewest.get(end, len(word)), fewest[start] + 1)
    return fewest.get(len(word), 0)


def _syllable_ends(letters: str, start: int) -> Iterator[int]:
    for end in range(start + 1, min(start + _LONGEST, len(letters)) + 1):
        if _SYLLABLE.fullmatch(letters, start, end):
            yield end


def _word_ends(letters: str, start: int, borders: frozenset[int]) -> set[int]:
    """Where a word from `start` may end."""
    found: set[int] = set()
    last = {start}
    for _ in range(MOST_SYLLABLES):
        last = {
            end
            for begin in last
            for end in _syllable_ends(letters, begin)
            if borders.isdisjoint(range(begin + 1, end))
        }
        found |= last
    return found
