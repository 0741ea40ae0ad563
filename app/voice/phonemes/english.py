"""English to Kokoro's phonemes by misaki's dictionaries, without a tagger.

Reads the data files alone: misaki's own English module needs spaCy and a model of 500 MB.
"""

from __future__ import annotations

import importlib.resources
import json
import re
from collections.abc import Mapping, Sequence

VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ")
PRIMARY, SECONDARY = "ˈ", "ˌ"
LONGEST_WORD = 24
"""Longer runs of letters are no words: not spelled out, just dropped."""


def load_dictionary() -> dict[str, str]:
    """American words to phonemes; gold entries (checked by hand) overrule silver ones."""
    dictionary: dict[str, str] = {}
    folder = importlib.resources.files("misaki") / "data"
    for name in ("us_silver.json", "us_gold.json"):
        entries = json.loads((folder / name).read_text(encoding="utf-8"))
        for word, phonemes in entries.items():
            chosen = phonemes if isinstance(phonemes, str) else phonemes["DEFAULT"]
            if chosen:
                dictionary[word] = chosen
    return dictionary


class EnglishPhonemes:
    """Reads runs of Latin letters. `words` overrules the dictionary (brands, abbreviations)."""

    def __init__(
        self, dictionary: Mapping[str, str] | None = None, words: Mapping[str, str] | None = None
    ) -> None:
        self._dictionary = load_dictionary() if dictionary is None else dictionary
        self._words = {word.lower(): phonemes for word, phonemes in (words or {}).items()}

    def __call__(self, text: str) -> str:
        """Phonemes of a run of words: ``track your order`` -> ``tɹˈæk jʊɹ ˈɔɹdəɹ``."""
        words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)*['’]?", text)
        said = [self._in_context(words, place) for place in range(len(words))]
        return " ".join(filter(None, said)).replace("ɾ", "T").replace("ʔ", "t")

    def _in_context(self, words: Sequence[str], place: int) -> str:
        word = words[place].replace("’", "'")
        following = self.word(words[place + 1]) if place + 1 < len(words) else ""
        before_vowel = following.lstrip(PRIMARY + SECONDARY)[:1] in VOWELS
        match word:
            case "a" | "an" if following:
                return "ɐn" if word == "an" else "ɐ"
            case "the" | "The" if following:
                return "ði" if before_vowel else "ðə"
            case "to" | "To" if following:
                return "tʊ" if before_vowel else "tə"
            case "I":
                return SECONDARY + "I"
            case "in" if following:
                return "ɪn"
        return self.word(word)

    def word(self, word: str) -> str:
        """Phonemes of one word; spelled out where neither it nor a stem of it is known."""
        if not word:
            return ""
        found = self._words.get(word.lower()) or self._known(word)
        if found is None and self._shouted(word):
            return self.spell(word)
        return found or self._derived(word.lower()) or self._compound(word) or self.spell(word)

    def spell(self, word: str) -> str:
        """Letter names, the last one stressed: ``SKU`` -> ``ˌɛskˌAjˈu``."""
        if len(word) > LONGEST_WORD:
            return ""
        names = [self._dictionary.get(letter.upper(), "") for letter in word]
        said = [name.replace(PRIMARY, SECONDARY) for name in names if name]
        return "".join([*said[:-1], *[name.replace(SECONDARY, PRIMARY) for name in said[-1:]]])

    @staticmethod
    def _shouted(word: str) -> bool:
        """Short capitals without an entry are initials: SKU, FAQ."""
        return word.isupper() and len(word) <= 5

    def _known(self, word: str) -> str | None:
        if len(word) == 1:
            return self._dictionary.get(word.upper())
        exact = self._dictionary.get(word)
        if exact is None and not (self._shouted(word) and len(word) <= 3):
            exact = self._dictionary.get(word.lower()) or self._dictionary.get(word.capitalize())
        return exact

    def _derived(self, word: str) -> str | None:
        return self._plural(word) or self._past(word) or self._progressive(word)

    def _plural(self, word: str) -> str | None:
        if len(word) < 3 or not word.rstrip("'").endswith("s") or word.endswith("ss"):
            return None
        bare = word.rstrip("'")
        stems = (
            [bare[:-1].removesuffix("'"), bare[:-2]] if bare.endswith(("es", "'s")) else [bare[:-1]]
        )
        if bare.endswith("ies"):
            stems.append(bare[:-3] + "y")
        stem = self._first_known(stems)
        if stem is None:
            return None
        if stem[-1] in "ptkfθ":
            return stem + "s"
        return stem + ("ᵻz" if stem[-1] in "szʃʒʧʤ" else "z")

    def _past(self, word: str) -> str | None:
        if len(word) < 4 or not word.endswith("ed"):
            return None
        stem = self._first_known([word[:-1], word[:-2], _undoubled(word[:-2])])
        if stem is None:
            return None
        if stem[-1] in "pkfθʃsʧ":
            return stem + "t"
        if stem[-1] == "t" and stem[-2:-1] in VOWELS:
            return stem[:-1] + "ɾᵻd"
        return stem + ("ᵻd" if stem[-1] in "td" else "d")

    def _progressive(self, word: str) -> str | None:
        if len(word) < 5 or not word.endswith("ing"):
            return None
        stem = self._first_known([word[:-3], word[:-3] + "e", _undoubled(word[:-3])])
        if stem is None:
            return None
        if stem[-1] == "t" and stem[-2:-1] in VOWELS:
            return stem[:-1] + "ɾɪŋ"
        return stem + "ɪŋ"

    def _first_known(self, stems: Sequence[str]) -> str | None:
        return next(
            (known for stem in stems if len(stem) > 1 and (known := self._known(stem))), None
        )

    def _compound(self, word: str) -> str | None:
        """``iPhone``, ``PayPal``, ``checkout``: two known words written as one."""
        humps = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", word)
        if len(humps) > 1 and "".join(humps) == word:
            return "".join(self.word(hump) for hump in humps)
        for cut in range(len(word) - 3, 2, -1):
            first, second = self._known(word[:cut].lower()), self._known(word[cut:].lower())
            if first and second:
                return first + second.replace(PRIMARY, SECONDARY)
        return None


def _undoubled(stem: str) -> str:
    return stem[:-1] if len(stem) > 2 and stem[-1] == stem[-2] else ""
