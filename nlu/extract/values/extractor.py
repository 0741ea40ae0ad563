"""Finds valued spans for a bot's entity types, and values the spans that others found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from nlu.extract.values.chinese_dates import find_chinese_dates, find_chinese_times
from nlu.extract.values.cities import find_cities
from nlu.extract.values.contacts import find_emails, find_phones, order_number
from nlu.extract.values.english_dates import find_english_dates, find_english_times
from nlu.extract.values.found import Found
from nlu.extract.values.money import find_money
from nlu.types import Entity, Language

Clock = Callable[[], datetime]
"""Local time now, naive, in the customers' time zone."""

KINDS = {
    "money": ("money", "amount", "price", "amount_of_money", "amount-of-money"),
    "date": ("date", "day", "datetime", "date_time", "datetime_point", "startdate", "enddate"),
    "time": ("time",),
    "phone": ("phone", "phone_number", "phone-number", "mobile", "tel"),
    "email": ("email", "e-mail", "email_address", "mail"),
    "city": ("city", "city_name", "destination_city", "departure_city"),
    "order_number": ("order_number", "order_id", "order_no", "order-number"),
}
"""The entity types' usual names, by what they hold."""

UNSURE = {"city": 0.8}
"""Kinds whose words may mean something else: what the encoder found goes before them."""
_THAT_DAY = "那天"
"""By which 12-24 is a day, not hours or years: who took it for a date has seen the words around."""
_KIND_OF = {name: kind for kind, names in KINDS.items() for name in names}
MOST_CHARACTERS = 2000
"""Longer texts are searched so far only, so that a flood of digits costs little."""


class Values:
    """Gives entities of known kinds their normal value; others keep theirs."""

    def __init__(self, clock: Clock = datetime.now) -> None:
        self._clock = clock

    def apply(self, entity: Entity, language: Language) -> Entity:
        """``date`` over 下周三 gets ``"2026-12-02"``; a span of no clear value keeps its text."""
        kind = _KIND_OF.get(entity.entity.lower())
        if kind is None or not isinstance(entity.value, str) or entity.extractor == "payload":
            return entity
        if kind == "order_number":
            return replace(entity, value=order_number(entity.value))
        least = 0 if kind in UNSURE else len(entity.value) // 2
        said = f"{entity.value}{_THAT_DAY}" if kind == "date" else entity.value
        found = [f for f in self.find(kind, said) if f.end - f.start >= least]
        return replace(entity, value=found[0].value) if found else entity

    def find(self, kind: str, text: str) -> Iterator[Found]:
        match kind:
            case "money":
                yield from find_money(text)
            case "date":
                now = self._clock()
                yield from find_chinese_dates(text, now)
                yield from find_english_dates(text, now)
            case "time":
                yield from find_chinese_times(text)
                yield from find_english_times(text)
            case "phone":
                yield from find_phones(text)
            case "email":
                yield from find_emails(text)
            case "city":
                yield from find_cities(text)


class ValueExtractor:
    """Finds money, dates, times, phones, e-mails and cities where the bot has an entity type for them."""

    def __init__(self, entity_names: Iterable[str], values: Values) -> None:
        kinds: dict[str, str] = {}
        for name in entity_names:
            kind = _KIND_OF.get(name.lower())
            if kind:
                kinds.setdefault(kind, name)
        self._names = kinds
        self._values = values

    def extract(self, text: str, language: Language) -> list[Entity]:
        head = text[:MOST_CHARACTERS]
        return [
            Entity(
                name,
                f.start,
                f.end,
                head[f.start : f.end],
                f.value,
                UNSURE.get(kind, 1.0),
                "rule",
            )
            for kind, name in self._names.items()
            for f in self._values.find(kind, head)
        ]
