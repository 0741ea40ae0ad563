"""Speakable text, Chinese, English or both, to the phonemes and pieces that are synthesised."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import jieba
from ruamel.yaml import YAML

from app.voice.phonemes.chinese import ChinesePhonemes
from app.voice.phonemes.english import EnglishPhonemes

HAN = r"㐀-䶿一-鿿豈-﫿"
SEGMENT = re.compile(
    rf"(?P<zh>[{HAN}]+)|(?P<en>[^\W\d_{HAN}](?:[^\W\d_{HAN}]|[' ’\-])*)|(?P<rest>.)", re.S
)
MARKS = str.maketrans(
    "，、。！？；：（）《》【】「」『』“”…—‘’\n", ",,.!?;:()““““““““““…—  ,"
)  # fmt: skip
SAID_MARKS = frozenset(",.!?;:()“…—")


@dataclass(frozen=True, slots=True)
class Pronunciations:
    letters: Mapping[str, str]
    words: Mapping[str, str]
    pinyin: Mapping[str, str]


def load_pronunciations(path: Path | None = None) -> Pronunciations:
    """The names' file that ships, or an owner's."""
    source = path or Path(__file__).with_name("pronunciations.yaml")
    data = YAML(typ="safe").load(source.read_text(encoding="utf-8"))
    text = {
        kind: {str(k): str(v) for k, v in data[kind].items()}
        for kind in ("letters", "words", "pinyin")
    }
    return Pronunciations(text["letters"], text["words"], text["pinyin"])


class Frontend:
    def __init__(
        self, names: Pronunciations, chinese: ChinesePhonemes, english: EnglishPhonemes
    ) -> None:
        self._chinese = chinese
        self._english = english
        self._letters = {k: chinese.of_pinyin(v) for k, v in names.letters.items()}

    def phonemes(self, text: str) -> str:
        """Phonemes of one piece: ``用 VIP 卡`` -> ``jʊŋ↘ wei→ai↘pʰi↘ kʰa↓``."""
        mandarin = re.search(f"[{HAN}]", text) is not None
        said: list[str] = []
        for match in SEGMENT.finditer(text.translate(MARKS)):
            if match["zh"]:
                said.append(self._chinese(match["zh"]))
            elif match["en"]:
                said.append(self._latin(match["en"], mandarin))
            elif match["rest"] in SAID_MARKS:
                said.append(match["rest"])
        return _tidy(" ".join(filter(None, said)))

    def _latin(self, text: str, mandarin: bool) -> str:
        """English words; in a Chinese sentence single letters go by their Mandarin names."""
        parts: list[str] = []
        for lone, group in groupby(text.split(), _is_letter):
            run = list(group)
            if lone and mandarin:
                parts.append("".join(self._letters.get(letter, "") for letter in run))
            elif lone and run not in (["A"], ["I"]):
                parts.append(self._english.spell("".join(run)))
            else:
                parts.append(self._english(" ".join(run)))
        return " ".join(filter(None, parts))


def _is_letter(word: str) -> bool:
    return len(word) == 1 and word.isupper()


def _tidy(phonemes: str) -> str:
    """No blank before a mark, one after it, never two marks that mean the same pause."""
    phonemes = re.sub(r"\s+", " ", phonemes)
    phonemes = re.sub(r" ([,.!?;:)…])", r"\1", phonemes)
    phonemes = re.sub(r"([,.!?;:…])[,.!?;:…]+", r"\1", phonemes)
    return phonemes.strip(" ,;:")


def build_frontend() -> Frontend:
    """The frontend as it ships. Loads 10 MB of dictionaries: once per process."""
    jieba.setLogLevel(logging.WARNING)
    names = load_pronunciations()
    return Frontend(names, ChinesePhonemes(names.pinyin), EnglishPhonemes(words=names.words))
