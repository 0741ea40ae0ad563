"""A rule: what a pattern of characters is said as."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

INTEGER = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)"
NUMBER = rf"{INTEGER}(?:\.\d+)?"
TO = r"\s*(?:-|~|～|–|—|至|到|to)\s*"
START = r"(?<![\d.])"
"""Where a number may begin: not inside another."""
END = r"(?!\d|\.\d)"


@dataclass(frozen=True, slots=True)
class Rule:
    pattern: re.Pattern[str]
    say: Callable[[re.Match[str]], str]


def rule(pattern: str, say: Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    return Rule(re.compile(pattern, flags | re.A), say)


def apply(rules: Sequence[Rule], text: str) -> str:
    """Apply rules in order; a later one sees what the earlier ones said."""
    for each in rules:
        text = each.pattern.sub(each.say, text)
    return text


def alternatives(words: Sequence[str]) -> str:
    """A pattern of literal words, longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def without_commas(number: str) -> str:
    return number.replace(",", "")


def trimmed(number: str) -> str:
    """An amount without needless zeros: ``12.50`` -> ``12.5``, ``1,000.00`` -> ``1000``."""
    number = without_commas(number)
    return number.rstrip("0").rstrip(".") if "." in number else number


MIXED_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*(?![A-Za-z0-9])", re.A)


def split_code(code: str) -> list[str]:
    """Runs of letters and of digits: ``LX-2024`` -> ``["LX", "2024"]``."""
    return re.findall(r"[A-Za-z]+|\d+", code, re.A)


def is_code(token: str) -> bool:
    """Letters with four or more digits, or mixed so often that it can be no name of a thing."""
    digits = sum(char.isdigit() for char in token)
    letters = sum(char.isalpha() for char in token)
    return bool(letters) and (digits >= 4 or (digits > 0 and len(split_code(token)) >= 4))
