"""Numbers, money, times and codes in English words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from num2words import num2words

from app.voice.speakable.lexicon import Lexicon
from app.voice.speakable.rules import (
    END,
    INTEGER,
    MIXED_CODE,
    NUMBER,
    START,
    TO,
    Rule,
    alternatives,
    is_code,
    rule,
    split_code,
    trimmed,
    without_commas,
)

LARGEST_DIGITS = 13
ONES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SCALE = r"(?:\s*(thousand|million|billion|k|m)\b)?"
SCALES = {"k": "thousand", "m": "million"}


def digits(text: str) -> str:
    """``2024`` -> ``two zero two four``"""
    return " ".join(ONES[int(char)] for char in text)


def value(number: str) -> str:
    """``1,299`` -> ``one thousand two hundred and ninety-nine``; ``2.50`` -> ``two point five zero``"""
    whole, point, fraction = without_commas(number).partition(".")
    whole = whole.lstrip("0") or "0"
    said = digits(whole) if len(whole) > LARGEST_DIGITS else _words(whole, "cardinal")
    return f"{said} point {digits(fraction)}" if point and fraction else said


def ordinal(number: str) -> str:
    return _words(without_commas(number), "ordinal")


def year(number: str) -> str:
    return _words(number, "year")


def _words(number: str, to: str) -> str:
    return str(num2words(int(number), to=to)).replace(",", "")


def clock(hour: str, minute: str, second: str | None, half: str | None = None) -> str:
    """``18:05`` -> ``six oh five P M``; ``9:00 am`` -> ``nine A M``"""
    h, m = int(hour), int(minute)
    if half is None and second is None:
        half = "p" if 12 <= h < 24 else "a"
    said = value(str((h - 1) % 12 + 1))
    if m:
        said += (" oh " if m < 10 else " ") + value(str(m))
    if second:
        said += f" and {value(second)} seconds"
    return said + (f" {half[0].upper()} M" if half else "")


def english_rules(lexicon: Lexicon) -> Sequence[Rule]:
    return (*_calendar(lexicon), *_codes(lexicon), *_amounts(lexicon), *_plain_numbers())


def _calendar(lexicon: Lexicon) -> tuple[Rule, ...]:
    yyyy, month, day = r"((?:19|20)\d\d)", r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
    time = r"([01]?\d|2[0-4]):([0-5]\d)(?::([0-5]\d))?"
    half = r"(?:\s*([AaPp])(?:[Mm]\b|\.[Mm]\.))?"
    names = "|".join(
        f"{name[:3]}(?:{name[3:]}|\\.)?" if len(name) > 3 else name for name in lexicon.months
    )

    def date(y: str, m: str, d: str) -> str:
        return f"{lexicon.months[int(m) - 1]} {ordinal(d)}, {year(y)}"

    def named(m: re.Match[str]) -> str:
        full = next(name for name in lexicon.months if name.startswith(m[1][:3].capitalize()))
        return f"{full} {ordinal(m[2])}" + (f", {year(m[3])}" if m[3] else "")

    return (
        rule(rf"{START}{yyyy}([-/.]){month}\2{day}(?:T(?=\d))?{END}", lambda m: date(m[1], m[3], m[4])),
        rule(rf"{START}{month}/{day}/{yyyy}{END}", lambda m: date(m[3], m[1], m[2])),
        rule(rf"\b({names})\s+{day}(?:st|nd|rd|th)?(?:,?\s+{yyyy})?(?![\d:])", named),
        rule(rf"(?<![\d:]){time}{half}{TO}{time}{half}(?![\d:])",
             lambda m: f"{clock(m[1], m[2], m[3], m[4] or (m[8] if m[8] and int(m[1]) <= int(m[5]) else None))} to {clock(m[5], m[6], m[7], m[8])}"),
        rule(rf"(?<![\d:]){time}{half}(?![\d:])", lambda m: clock(m[1], m[2], m[3], m[4])),
        rule(rf"{START}(1[0-2]|[1-9])\s*([AaPp])\.?[Mm]\b", lambda m: f"{value(m[1])} {m[2].upper()} M"),
        rule(rf"{START}((?:19|20)\d0)s\b", lambda m: re.sub(r"y$", "ie", year(m[1])) + "s"),
    )  # fmt: skip


def _codes(lexicon: Lexicon) -> tuple[Rule, ...]:
    before = alternatives(lexicon.code_before["en"])
    unit = alternatives(list(lexicon.units))
    measured = re.compile(rf"\d+(?:{unit}|(?:[xX×]\d+)+(?:{unit})?|st|nd|rd|th|k|m|s)", re.A)

    def mixed(match: re.Match[str]) -> str:
        token = match[0]
        parts = split_code(token)
        if (
            not any(map(str.isalpha, parts))
            or measured.fullmatch(token)
            or not any(map(str.isdigit, parts))
        ):
            return token
        return " ".join(_code_part(part, is_code(token)) for part in parts)

    def grouped(m: re.Match[str]) -> str:
        return ", ".join(digits(group) for group in re.findall(r"\d+", m[0]))

    return (
        rule(r"(?<![\d-])\+?\d{1,3}[- ]?\(?\d{3}\)?[- ]\d{3,4}[- ]\d{3,4}(?![\d-])", grouped),
        rule(r"(?<![\d-])\(?\d{3}\)?[- ]\d{3}[- ]\d{4}(?![\d-])", grouped),
        rule(rf"(?<![a-z])((?:{before})(?: (?:number|no\.?|code|id|at|is|us at))?[\s:#.]*(?:is )?)(\d{{3,}})(?![\d%]|[.,]\d|\s*(?:day|item|dollar|yuan|hour|minute|percent))",
             lambda m: m[1].replace("#", "number ") + digits(m[2]), re.I),
        rule(rf"{START}\d+(?:\.\d+){{2,}}(?!\d)", lambda m: " point ".join(value(g) for g in m[0].split("."))),
        rule(MIXED_CODE.pattern, mixed),
        rule(r"(?<![\d.-])\d+(?:-\d+){2,}(?![\d-])", grouped),
        rule(r"(?<![\d.,-])(?:0\d+|\d{7,})(?![\d.,])", lambda m: digits(m[0])),
        rule(r"#(?=\d)", lambda m: "number "),
    )  # fmt: skip


def _code_part(part: str, code: bool) -> str:
    if part.isdigit():
        return digits(part) if code or len(part) > 3 or part[0] == "0" else value(part)
    return " ".join(part.upper()) if code else part


def _amounts(lexicon: Lexicon) -> tuple[Rule, ...]:
    sign = alternatives(list(lexicon.currencies))
    unit = alternatives(list(lexicon.units))

    def money(number: str, scale: str | None, currency: str) -> str:
        names = lexicon.currencies[currency]
        if scale:
            return f"{value(number)} {SCALES.get(scale.lower(), scale.lower())} {names.many}"
        whole, _, cents = without_commas(number).partition(".")
        name = names.one if whole == "1" else names.many
        cents = f"{cents}0"[:2] if len(cents) < 3 else cents
        if not cents.strip("0"):
            return f"{value(whole)} {name}"
        if len(cents) != 2 or names.cents == "fen":
            return f"{value(trimmed(number))} {names.many}"
        return f"{value(whole)} {name} and {value(cents)} {names.cents}"

    def measure(number: str, name: str) -> str:
        names = lexicon.units[name]
        return f"{value(number)} {names.one if number == '1' else names.many}"

    return (
        rule(rf"({sign})\s*({NUMBER}){TO}(?:{sign})?\s*({NUMBER}){SCALE}",
             lambda m: f"{value(trimmed(m[2]))} to {money(m[3], m[4], m[1])}"),
        rule(rf"(-?)({sign})\s*({NUMBER}){SCALE}", lambda m: _minus(m[1]) + money(m[3], m[4], m[2]), re.I),
        rule(rf"{START}({NUMBER}){SCALE}\s*({sign})(?![A-Za-z\d])", lambda m: money(m[1], m[2], m[3])),
        rule(rf"{START}({NUMBER})\s*%?{TO}({NUMBER})\s*%", lambda m: f"{value(m[1])} to {value(m[2])} percent "),
        rule(rf"(?:(?<![\w.])(-))?{START}({NUMBER})\s*%", lambda m: f"{_minus(m[1])}{value(m[2])} percent "),
        rule(rf"{START}({INTEGER})(?:st|nd|rd|th)\b", lambda m: ordinal(m[1])),
        rule(rf"{START}({NUMBER})\s*({unit})?\s*[xX×*]\s*(?={NUMBER})",
             lambda m: (measure(m[1], m[2]) if m[2] else value(m[1])) + " by "),
        rule(rf"{START}({NUMBER})\s*({unit})?{TO}({NUMBER})\s*({unit})(?![A-Za-z\d])",
             lambda m: f"{value(m[1])} to {measure(m[3], m[4])}"),
        rule(rf"(?:(?<![\w.])(-))?{START}({NUMBER})\s*({unit})(?![A-Za-z\d])",
             lambda m: _minus(m[1]) + measure(m[2], m[3])),
    )  # fmt: skip


def _minus(sign: str | None) -> str:
    return "minus " if sign else ""


def _plain_numbers() -> tuple[Rule, ...]:
    def fraction(m: re.Match[str]) -> str:
        if m[1] == "1" and m[2] in ("2", "4"):
            return "one half" if m[2] == "2" else "one quarter"
        if 0 < int(m[1]) < int(m[2]):
            return f"{value(m[1])} {ordinal(m[2])}" + ("" if m[1] == "1" else "s")
        return f"{value(m[1])} slash {value(m[2])}"

    return (
        rule(rf"{START}({NUMBER}){TO}({NUMBER}){END}", lambda m: f"{value(m[1])} to {value(m[2])}"),
        rule(rf"{START}(\d{{1,4}})/(\d{{1,4}})(?![\d/])", fraction),
        rule(rf"{START}({INTEGER}):({INTEGER})(?![\d:])", lambda m: f"{value(m[1])} to {value(m[2])}"),
        rule(rf"{START}({INTEGER})\+", lambda m: f"more than {value(m[1])}"),
        rule(r"\b((?:in|since|of|from|by|until|year|early|late)\s+)((?:19|20)\d\d)(?![\d,]|\s*(?:yuan|dollars|items))\b",
             lambda m: m[1] + year(m[2]), re.I),
        rule(rf"(?<![\w.])-(?={NUMBER})", lambda m: "minus "),
        rule(NUMBER, lambda m: f" {value(m[0])} "),
    )  # fmt: skip
