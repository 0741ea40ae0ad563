"""The words' file: what is said in place of symbols, units, currencies and abbreviations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ruamel.yaml import YAML

from nlu.types import Language


@dataclass(frozen=True, slots=True)
class Currency:
    zh: str
    one: str
    many: str
    cents: str


@dataclass(frozen=True, slots=True)
class Unit:
    zh: str
    one: str
    many: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    say: Mapping[Language, Mapping[str, str]]
    words_in_capitals: frozenset[str]
    url: Mapping[Language, str]
    code: Mapping[Language, str]
    currencies: Mapping[str, Currency]
    units: Mapping[str, Unit]
    symbols: Mapping[Language, Mapping[str, str]]
    code_before: Mapping[Language, tuple[str, ...]]
    measures: str
    months: tuple[str, ...]


@cache
def load_lexicon(path: Path = Path(__file__).with_name("lexicon.yaml")) -> Lexicon:
    data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    languages: tuple[Language, ...] = ("zh", "en")
    return Lexicon(
        say={key: {str(k): str(v) for k, v in data["say"][key].items()} for key in languages},
        words_in_capitals=frozenset(map(str, data["words_in_capitals"])),
        url={key: str(data["url"][key]) for key in languages},
        code={key: str(data["code"][key]) for key in languages},
        currencies={
            str(sign): Currency(names["zh"], *names["en"])
            for sign, names in data["currencies"].items()
        },
        units={str(unit): Unit(*names) for unit, names in data["units"].items()},
        symbols={
            key: {str(k): str(v) for k, v in data["symbols"][key].items()} for key in languages
        },
        code_before={key: tuple(map(str, data["code_before"][key])) for key in languages},
        measures=str(data["measures"]),
        months=tuple(map(str, data["months"])),
    )
