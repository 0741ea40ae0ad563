"""Phones, e-mail addresses and order numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import phonenumbers

from nlu.extract.values.found import Found

HOME_REGION = "CN"
"""Numbers without a country code are read as mainland Chinese ones."""

_EMAIL = re.compile(
    r"(?<![\w.+-])[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?![\w-])",
    re.ASCII,
)
_PHONE_LIKE = re.compile(r"\d{3}")


def find_emails(text: str) -> Iterator[Found]:
    for match in _EMAIL.finditer(text):
        yield Found(match.start(), match.end(), match.group().lower())


def find_phones(text: str) -> Iterator[Found]:
    """``"打 138-0013-8000 吧"`` gives "13800138000"; a foreign one keeps its country code."""
    if not _PHONE_LIKE.search(text):
        return
    for match in phonenumbers.PhoneNumberMatcher(
        text, HOME_REGION, leniency=phonenumbers.Leniency.POSSIBLE, max_tries=50
    ):
        number = match.number
        if not phonenumbers.is_valid_number(number):
            continue
        is_home = number.country_code == phonenumbers.country_code_for_region(HOME_REGION)
        value = (
            phonenumbers.national_significant_number(number)
            if is_home
            else phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        )
        yield Found(match.start, match.end, value)


def order_number(text: str) -> str:
    """``" a 10023"`` is "A10023": capitals, no blanks inside."""
    return re.sub(r"\s+", "", text).upper()
