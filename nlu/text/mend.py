"""Mends slips of fingers and input methods towards words that the training texts know.

``"wo yao tui kuan"``, ``"我要tuikuan"``, ``"我要推宽"`` and ``"我要退 款"`` are read as ``"我要退款"``,
``"wheer is my moeny"`` as ``"where is my money"``. Mended is what is no word by itself, or far less
likely than another that sounds alike. Extractors by rule and whoever shows the text keep what was
written; of what was mended, each character's place is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, islice, pairwise

import jieba
from rapidfuzz import process
from rapidfuzz.distance import OSA

from nlu.text.english import is_english
from nlu.text.language import has_han
from nlu.text.normalise import Normalised
from nlu.text.phrases import Phrases
from nlu.text.pinyin import is_pinyin, read_pinyin

MOST_JOINED = 4
"""Pieces of a word that blanks have cut apart, and characters of one whose characters changed places."""
MOST_CHARACTERS = 40
"""Of a run of Chinese in which swaps are looked for: it is typed messages that have them."""
MOST_TYPED_OUT = 300
"""Letters of a message in pinyin."""
MOST_HEARD = MOST_WORDS = 200
"""Chinese characters, and words of Latin letters, in which slips are looked for: it is typed messages
that have them, not pasted pages."""
MOST_SWAPS = 6
MUCH_LIKELIER = 4.0
_PICTURE = re.compile(
    "[\U0001f300-\U0001f43f\U0001f451-\U0001f493\U0001f4a1-\U0001f5ff\U0001f680-\U0001f6ff]+"
)
_LATIN = re.compile(r"(?<![\w@./'-])[A-Za-z]+(?![\w@/'-]|\.\w)", re.ASCII)
_HAN = re.compile("[\u4e00-\u9fff]+")
_HAN_RUN = re.compile("(?<![\u4e00-\u9fff])[\u4e00-\u9fff]++(?: [\u4e00-\u9fff]++)+")

Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Words:
    """What is known from training texts."""

    latin: dict[str, int] = field(default_factory=dict)
    """Words in lower case, and how often they stood there."""
    han: dict[str, int] = field(default_factory=dict)
    """Words of two to four characters."""
    sounds: dict[str, str] = field(default_factory=dict)
    """The characters of each sound that occurs in them."""
    spelt: dict[str, list[tuple[str, float]]] = field(default_factory=dict)
    """By pinyin the words, phrases and characters, the likeliest first, with the logarithm of how
    likely each is: ``tuikuan`` is 退款."""
    price: float = 10.0
    """Of reading another character than was written, of the same logarithm."""
    kept: list[str] = field(default_factory=list)
    """What the training texts themselves say though it sounds like a known word."""


class Mender:
    def __init__(self, words: Words, is_word: Callable[[str], bool] = is_english) -> None:
        """`is_word` knows words beyond the training texts', in lower case."""
        self._words = words
        self._is_word = is_word
        self._phrases = Phrases(
            words.spelt, words.sounds, price=words.price, kept=frozenset(words.kept)
        )
        is_word("")  # which may read its lexicon; not with a customer waiting, nor may jieba
        jieba.initialize()
        self._by_length: dict[int, list[str]] = {}
        for word in sorted(words.latin, key=lambda word: -words.latin[word]):
            self._by_length.setdefault(len(word), []).append(word)

    def mend(self, plain: Normalised) -> Normalised:
        """`original` and the spans of what comes back are those of the plain text."""
        size = len(plain.text)
        found = Normalised(plain.text, plain.text, tuple(range(size)), tuple(range(1, size + 1)))
        for rule in (
            self._typed_out,
            self._gaps,
            _signs,
            self._split,
            self._misspelt,
            self._swapped,
            self._homophones,
        ):
            found = _edited(found, list(rule(found.text)))
        return found

    def _typed_out(self, text: str) -> Iterator[Edit]:
        """All of it in pinyin, without an input method: wo yao tui kuan."""
        if len(text) > MOST_TYPED_OUT or has_han(text):
            return
        found = list(_LATIN.finditer(text))
        if not is_pinyin([match.group() for match in found if len(match.group()) > 1]):
            return
        for run in _side_by_side(text, found):
            places = [at for match in run for at in range(*match.span())]
            words = [match.group().lower() for match in run]
            at = run[0].start()
            for first, end, word in read_pinyin(words, self._phrases.spelt):
                start, stop = places[first], places[end - 1] + 1
                if start > at:
                    yield at, start, ""
                yield start, stop, word
                at = stop

    def _gaps(self, text: str) -> Iterator[Edit]:
        """Blanks inside a Chinese word or beside a lone character; those between phrases stay."""
        for run in _HAN_RUN.finditer(text):
            parts = run.group().split(" ")
            words = accumulate(map(len, jieba.cut("".join(parts), HMM=False)))
            ends, lengths = set(words), [len(part) for part in parts]
            for at, joined in enumerate(accumulate(lengths[:-1])):
                if joined not in ends or min(lengths[at : at + 2]) == 1:
                    start = run.start() + joined + at
                    yield start, start + 1, ""

    def _split(self, text: str) -> Iterator[Edit]:
        """Words that blanks have cut apart."""
        found = list(_LATIN.finditer(text))
        at = 0
        while at < len(found):
            end = next(self._joins(text, found, at), at + 1)
            if end > at + 1:
                start, stop = found[at].start(), found[end - 1].end()
                yield start, stop, text[start:stop].replace(" ", "")
            at = end

    def _joins(self, text: str, found: list[re.Match[str]], at: int) -> Iterator[int]:
        for end in range(min(at + MOST_JOINED, len(found)), at + 1, -1):
            parts = found[at:end]
            beside = all(text[a.end() : b.start()] == " " for a, b in pairwise(parts))
            words = [part.group().lower() for part in parts]
            strange = any(word not in self._words.latin and word not in "ai" for word in words)
            if beside and strange and self._words.latin.get("".join(words)):
                yield end

    def _misspelt(self, text: str) -> Iterator[Edit]:
        among_han = has_han(text)
        for match in islice(_LATIN.finditer(text), MOST_WORDS):
            word = match.group()
            if len(word) < 2 or _is_name(word, match.start() == 0):
                continue
            mended = self._word(word.lower(), among_han)
            if mended:
                yield match.start(), match.end(), mended

    def _word(self, word: str, among_han: bool) -> str | None:
        if word in self._words.latin:
            return None
        typed, _ = self._phrases.spelt.get(word, ("", 0.0))
        if self._is_word(word):  # among Chinese haoma may be 号码, but name is not 那么
            return typed if among_han and typed in self._words.han else None
        if len(typed) > 1 and (typed in self._words.han or jieba.dt.FREQ.get(typed)):
            return typed  # but 你可 is no word, and nike a brand
        most = 1 if len(word) < 6 else 2 if len(word) < 10 else 3
        lengths = range(len(word) - most, len(word) + most + 1)
        near = [one for length in lengths for one in self._by_length.get(length, ())]
        counts = self._words.latin
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=most, limit=20)
        if not found:
            return None
        best, distance, _ = min(found, key=lambda one: (one[1], -counts[one[0]]))
        # Of a short word, a change of place alone; of two slips, none at the beginning.
        is_sure = (
            sorted(best) == sorted(word) if len(word) < 4 else distance < 2 or best[0] == word[0]
        )
        return best if is_sure else None

    def _homophones(self, text: str) -> Iterator[Edit]:
        for begin, run in _first_runs(text):
            for start, end, word in self._phrases.meant(run):
                yield begin + start, begin + end, word

    def _swapped(self, text: str) -> Iterator[Edit]:
        """Neighbours that changed places: 我退要款 for 我要退款."""
        if not self._words.han:
            return
        for begin, run in _first_runs(text):
            written = run[:MOST_CHARACTERS]
            for at in self._swaps(written):
                yield begin + at, begin + at + 2, written[at + 1] + written[at]

    def _swaps(self, written: str) -> list[int]:
        """Where, from the left, a swap makes the text far likelier and shows a known word."""
        found: list[int] = []
        usual: float | None = None
        at = 0
        while at < len(written) - 1 and len(found) < MOST_SWAPS:
            other = written[:at] + written[at + 1] + written[at] + written[at + 2 :]
            if other != written and self._shows(other, at) and not self._shows(written, at):
                usual = _likelihood(written) if usual is None else usual
                likely = _likelihood(other)
                if likely > usual + MUCH_LIKELIER:
                    written, usual = other, likely
                    found.append(at)
                    at += 1
            at += 1
        return found

    def _shows(self, text: str, at: int) -> bool:
        """Whether a known word covers character `at` or the one after it."""
        return any(
            text[start:end] in self._words.han
            for start in range(max(0, at - MOST_JOINED + 1), at + 2)
            for end in range(max(start + 2, at + 1), min(start + MOST_JOINED, len(text)) + 1)
        )

    def guesses(self, text: str) -> bool:
        """Whether a plain text would change by sound or order, which is guessing."""
        return any(self._swapped(text)) or any(self._homophones(text))

    def homophones(self, text: str) -> list[tuple[str, str]]:
        """What is written, and the known word that it would be taken for."""
        return [(text[start:end], word) for start, end, word in self._homophones(text)]


def _first_runs(text: str) -> Iterator[tuple[int, str]]:
    """Runs of Chinese and where they begin, `MOST_HEARD` characters of them."""
    left = MOST_HEARD
    for run in _HAN.finditer(text):
        yield run.start(), run.group()[:left]
        left -= len(run.group())
        if left <= 0:
            return


def _side_by_side(text: str, found: Sequence[re.Match[str]]) -> list[list[re.Match[str]]]:
    """Words with nothing but a blank between them, together."""
    runs: list[list[re.Match[str]]] = []
    for match in found:
        if runs and text[runs[-1][-1].end() : match.start()] == " ":
            runs[-1].append(match)
        else:
            runs.append([match])
    return runs


def _is_name(word: str, is_first: bool) -> bool:
    """Clarke, iPhone or SKU, by its capitals; who shouts all the time is read."""
    if word.isupper():
        return len(word) < 5
    return not (word.islower() or (is_first and word[1:].islower()))


def _likelihood(text: str) -> float:
    """The logarithm of its likeliest cut's probability, by jieba's dictionary."""
    route: dict[int, tuple[float, int]] = {}
    jieba.dt.calc(text, jieba.dt.get_DAG(text), route)
    return route[0][0]


def _signs(text: str) -> Iterator[Edit]:
    """Pictures that show no feeling, where words are said too."""
    if re.search(r"\w", text):
        for match in _PICTURE.finditer(text):
            yield match.start(), match.end(), " "


def _edited(text: Normalised, edits: list[Edit]) -> Normalised:
    """Every character of a replacement stands for all that it replaces."""
    if not edits:
        return text
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for start, end, new in edits:
        out.append(text.text[at:start] + new)
        starts += [*text.starts[at:start], *[text.starts[start]] * len(new)]
        ends += [*text.ends[at:start], *[text.ends[end - 1]] * len(new)]
        at = end
    starts += text.starts[at:]
    ends += text.ends[at:]
    return Normalised("".join([*out, text.text[at:]]), text.original, tuple(starts), tuple(ends))
