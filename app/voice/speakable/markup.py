"""Markdown, HTML, links, addresses and pictures: what is said of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.voice.speakable.lexicon import Lexicon
from nlu.types import Language

HAN = re.compile(r"[㐀-䶿一-鿿豈-﫿]")
ENDED = re.compile(r"[。！？；：，、.!?;:,…]\s*$")
DOMAIN = r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?:com|cn|net|org|io|dev|app|shop|co|hk|tw|uk|info|me|cc|top|xyz|example|test)"
EMAIL = re.compile(rf"[a-z0-9][\w.+-]*@{DOMAIN}\b", re.I | re.A)
URL_STOP = r"\s<>\"'“”‘’，。！？；：、）】》」』\u3400-\u9fff"
URL = re.compile(
    rf"(?:(?:https?|ftp)://|www\.|mailto:|tel:)[^{URL_STOP}]+|(?<![\w@.]){DOMAIN}\b(?:[/?#][^{URL_STOP}]*)?",
    re.I | re.A,
)
URL_TAIL = re.compile(r"[.,!?;:)\]]+$")
BREAK = re.compile(r"<\s*(?:br|/p|/div|/li|/h\d|/tr)\b", re.I)


def without_markup(text: str, lexicon: Lexicon, language: Language) -> str:
    """What a reader sees of Markdown and HTML, each block ended like a sentence.

    ``**满减**：[点这里](https://a.cn)`` -> ``满减：点这里。``
    """
    blocks: list[str] = []
    numbers: list[str] = []
    for token in _parser().parse(text):
        match token.type:
            case "list_item_open":
                numbers.append(f"{token.info}、" if token.info.isdigit() else "")
            case "inline":
                said = _inline(token.children or [], lexicon, language)
                blocks.append(_ended("".join(numbers) + said, token.level, language))
                numbers.clear()
            case "code_block":
                blocks.append(_ended(token.content, 0, language))
            case "fence":
                blocks.append(_ended(lexicon.code[language], 0, language))
            case "html_block":
                blocks.append(_ended(_without_tags(token.content), 0, language))
    return "\n".join(filter(None, blocks))


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def _inline(tokens: Sequence[Token], lexicon: Lexicon, language: Language) -> str:
    said: list[str] = []
    struck = 0
    for token in tokens:
        match token.type:
            case "s_open":
                struck += 1
            case "s_close":
                struck -= 1
            case "text" | "code_inline" if not struck:
                said.append(token.content)
            case "image" if not struck:
                said.append(_inline(token.children or [], lexicon, language))
            case "softbreak" | "hardbreak":
                said.append("\n")
            case "html_inline":
                said.append("\n" if BREAK.match(token.content) else "")
    return "".join(said)


def _without_tags(html: str) -> str:
    return unescape(nh3.clean(BREAK.sub(r"\n\g<0>", html), tags=set()))


def _ended(block: str, level: int, language: Language) -> str:
    block = block.strip()
    if not block or ENDED.search(block):
        return block
    chinese = bool(HAN.search(block)) or language == "zh"
    return block + ("。" if chinese else ".")


def name_links(text: str, lexicon: Lexicon, language: Language) -> str:
    """URLs are named, not read; addresses of e-mail are said with their dots.

    ``详见 https://a.cn/x?y=1。`` -> ``详见 链接。``; ``me@a.cn`` -> ``me 艾特 a 点 cn``
    """
    at, dot = (" 艾特 ", " 点 ") if language == "zh" else (" at ", " dot ")
    text = EMAIL.sub(lambda m: m[0].replace("@", at).replace(".", dot), text)

    def named(match: re.Match[str]) -> str:
        tail = URL_TAIL.search(match[0])
        return f" {lexicon.url[language]} " + (tail[0] if tail else "")

    text = URL.sub(named, text)
    word = re.escape(lexicon.url[language])
    return re.sub(rf"({word})\s*[：:]?\s+{word}", r"\1", text, flags=re.I)


KEPT_MARKS = frozenset("，。！？；：、（）《》〈〉【】「」『』“”‘’—…～·")
"""Chinese punctuation that NFKC would turn into the marks inside numbers: ``3，500``."""


def normalise(text: str) -> str:
    """Drop what is no character (lone surrogates, controls, joiners); plain forms for the rest.

    Full-width letters and digits, ``①``, ``½`` and ``℃`` become ordinary ones.
    """
    whole = "".join(char for char in text if not 0xD800 <= ord(char) <= 0xDFFF)
    plain = (
        char if char in KEPT_MARKS else _plain(char) for char in unicodedata.normalize("NFC", whole)
    )
    return unicodedata.normalize("NFC", "".join(plain))


def _plain(char: str) -> str:
    if char in "\n\t\r\u2028\u2029":
        return "\n" if char != "\t" else " "
    category = unicodedata.category(char)
    if category in ("Cc", "Cf", "Co", "Cn", "Cs") or char in "™®©":
        return ""
    return unicodedata.normalize("NFKC", char).replace("⁄", "/").replace("−", "-")


def without_pictures(text: str) -> str:
    """Emoji, dingbats, arrows and box drawing are not said."""
    return "".join(char for char in text if char.isascii() or not _is_picture(char))


def _is_picture(char: str) -> bool:
    category = unicodedata.category(char)
    return (
        (category in ("So", "Sk") and char not in "°")
        or category in ("Me",)
        or ord(char) in range(0xFE00, 0xFE10)
    )
