"""A message's text to the words that are said: the whole way."""

from __future__ import annotations

import re
from functools import cache

from app.voice.speakable.chinese import chinese_rules
from app.voice.speakable.english import english_rules
from app.voice.speakable.lexicon import Lexicon, load_lexicon
from app.voice.speakable.markup import (
    HAN,
    name_links,
    normalise,
    without_markup,
    without_pictures,
)
from app.voice.speakable.rules import Rule, alternatives, apply
from nlu.types import Language

LATIN_WORD = re.compile(r"[A-Za-z]{2,}")
LOWER_WORD = re.compile(r"[a-z]{2,}")
CAPITALS = re.compile(r"(?<![A-Za-z'])[A-Z]{2,5}(?![A-Za-z'])")
SENTENCE = re.compile(r"(?<=[。！？!?；;\n])|(?<=\.)(?=\s)")
UNSAID = re.compile(r"[^\w\s，。！？；：、（）《》「」『』“”‘’—….,!?;:()'\"\-]|_")
SPACE_BY_HAN = re.compile(r"(?<=[㐀-鿿]) +(?=[㐀-鿿，。！？；：、])|(?<=[，。！？；：、]) +")


def language_of(text: str, language: Language | None = None) -> Language:
    """The language of the voice: as told, unless the text plainly is in the other one.

    A Chinese voice can say English words, an English one no Chinese; so mixed text is Chinese.
    ``您的 iPhone 到了`` -> zh; ``Order it at 天猫 today, it is in stock again`` -> en.
    """
    han, latin = len(HAN.findall(text)), len(LATIN_WORD.findall(text))
    if han == 0 and latin == 0:
        return language or "zh"
    if language is None:
        return "zh" if 3 * han >= latin else "en"
    if language == "en" and han > 3 * latin:
        return "zh"
    return "en" if language == "zh" and han == 0 and latin > 0 else language


def speakable(text: str, language: Language) -> str:
    """Words for a voice: no markup, digits or symbols left; empty if there is nothing to say.

    ``**满¥300减50**，详见 https://a.cn`` -> ``满三百元减五十，详见链接。``
    """
    lexicon = load_lexicon()
    text = without_markup(without_pictures(normalise(text)), lexicon, language)
    text = name_links(text, lexicon, language)
    said = "".join(_sentence(part, lexicon, language) for part in SENTENCE.split(text) if part)
    said = re.sub(r"[^\S\n]+", " ", said)
    said = SPACE_BY_HAN.sub("", said)
    said = re.sub(r"\s*\n\s*", "\n", re.sub(r" +(?=[,.!?;:，。！？；：、])", "", said)).strip()
    return said if re.search(r"\w", said) else ""


def _sentence(text: str, lexicon: Lexicon, language: Language) -> str:
    chinese = bool(HAN.search(text)) or (language == "zh" and not LOWER_WORD.search(text))
    spoken: Language = "zh" if chinese else "en"
    text = _phrases(spoken).sub(lambda m: lexicon.say[spoken][m[0]], text)
    text = apply(_rules(spoken), text)
    if chinese:
        text = CAPITALS.sub(lambda m: _initials(m[0], lexicon), text)
    return _symbols(text, lexicon, spoken)


def _initials(word: str, lexicon: Lexicon) -> str:
    return word if word in lexicon.words_in_capitals else f" {' '.join(word)} "


def _symbols(text: str, lexicon: Lexicon, language: Language) -> str:
    names = lexicon.symbols[language]
    text = re.sub(r"(?<=[㐀-鿿])\s*/\s*(?=[㐀-鿿])", "或", text)
    text = "".join(f" {names[char]} " if char in names else char for char in text)
    text = UNSAID.sub(" ", text)
    text = "".join(char if not char.isnumeric() or HAN.match(char) else " " for char in text)
    return re.sub(r"(?<![A-Za-z])-+|-+(?![A-Za-z])", " ", text)


@cache
def _rules(language: Language) -> tuple[Rule, ...]:
    rules = chinese_rules if language == "zh" else english_rules
    return tuple(rules(load_lexicon()))


@cache
def _phrases(language: Language) -> re.Pattern[str]:
    words = alternatives(list(load_lexicon().say[language]))
    return re.compile(rf"(?<![A-Za-z\d.])(?:{words})(?![A-Za-z\d])", re.A)
