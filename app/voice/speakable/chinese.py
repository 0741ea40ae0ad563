"""Numbers, money, times and codes in Chinese words."""

from __future__ import annotations

import re
from collections.abc import Sequence

import cn2an

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

DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
PHONE_DIGITS = str.maketrans("0123456789", "零幺二三四五六七八九")
LARGEST_DIGITS = 13
"""Longer numbers are read digit by digit: nobody hears trillions."""
SCALE = r"(?:\s*(万|亿|千|百万|千万))?"


def digits(text: str) -> str:
    """``2024`` -> ``二零二四``"""
    return text.translate(DIGITS)


def phone_digits(text: str) -> str:
    """As telephone numbers are read, 1 being 幺: ``110`` -> ``幺幺零``"""
    return text.translate(PHONE_DIGITS)


def value(number: str) -> str:
    """``1,299`` -> ``一千二百九十九``; ``12.50`` -> ``十二点五零``"""
    number = without_commas(number)
    whole, point, fraction = number.partition(".")
    whole = whole.lstrip("0") or "0"
    said = digits(whole) if len(whole) > LARGEST_DIGITS else str(cn2an.an2cn(whole, "low"))
    return f"{said}点{digits(fraction)}" if point and fraction else said


def clock(hour: str, minute: str, second: str | None, half: str | None = None) -> str:
    """``9:05`` -> ``九点零五分``; with ``PM`` -> ``下午...``"""
    h, m = int(hour), int(minute)
    said = ("两" if h == 2 else value(str(h))) + "点"
    if m or second:
        said += ("零" if 0 < m < 10 else "") + value(str(m)) + "分"
    if second:
        said += ("零" if 0 < int(second) < 10 else "") + value(second) + "秒"
    if half is None:
        return said
    afternoon = half.lower().startswith("p")
    return (("晚上" if 6 <= h < 12 else "下午") if afternoon else "上午") + said


def phone(text: str) -> str:
    """In groups, with a short pause between: ``13800138000`` -> ``幺三八，零零幺三，八零零零``"""
    text = text.lstrip("+")
    groups = re.findall(r"\d+", text)
    if len(groups) == 1 and len(groups[0]) == 11 and groups[0][0] == "1":
        groups = [groups[0][:3], groups[0][3:7], groups[0][7:]]
    elif len(groups) == 1 and len(groups[0]) == 10:
        groups = [groups[0][:3], groups[0][3:6], groups[0][6:]]
    return "，".join(map(phone_digits, groups))


def chinese_rules(lexicon: Lexicon) -> Sequence[Rule]:
    return (
        *_calendar(),
        *_codes(lexicon),
        *_amounts(lexicon),
        *_plain_numbers(lexicon),
    )


def _calendar() -> tuple[Rule, ...]:
    year, month, day = r"((?:19|20)\d\d)", r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
    time = r"([01]?\d|2[0-4])[:：]([0-5]\d)(?:[:：]([0-5]\d))?"
    half = r"(?:\s*([AaPp])(?:[Mm]\b|\.[Mm]\.))?"

    def date(m: re.Match[str]) -> str:
        return f"{digits(m[1])}年{value(m[2])}月{value(m[3])}日"

    return (
        rule(rf"{START}{year}([-/.]){month}\2{day}(?:T(?=\d))?{END}",
             lambda m: f"{digits(m[1])}年{value(m[3])}月{value(m[4])}日"),
        rule(rf"{START}{year}年\s*{month}月\s*{day}(?=日|号)", lambda m: date(m)[:-1]),
        rule(rf"{START}{year}{TO}{year}(?=\s*年)", lambda m: f"{digits(m[1])}到{digits(m[2])}"),
        rule(rf"{START}([12]\d{{3}})(?=\s*年(?!以上|左右))", lambda m: digits(m[1])),
        rule(rf"{START}(\d0)(?=\s*(?:年代|后(?![\d天小])))", lambda m: digits(m[1])),
        rule(rf"{START}{month}月{day}(日|号)?{TO}{day}(?=日|号)",
             lambda m: f"{value(m[1])}月{value(m[2])}{m[3] or ''}到{value(m[4])}"),
        rule(rf"(?<![\d:]){time}{half}{TO}{time}{half}(?![\d:])",
             lambda m: f"{clock(m[1], m[2], m[3], m[4])}到{clock(m[5], m[6], m[7], m[8])}"),
        rule(rf"(?<![\d:]){time}{half}(?![\d:])", lambda m: clock(m[1], m[2], m[3], m[4])),
    )  # fmt: skip


def _codes(lexicon: Lexicon) -> tuple[Rule, ...]:
    before = alternatives(lexicon.code_before["zh"])
    unit = alternatives(list(lexicon.units))
    measured = re.compile(rf"\d+(?:{unit}|(?:[xX×]\d+)+(?:{unit})?|[AaPp][Mm])", re.A)

    def mixed(match: re.Match[str]) -> str:
        token = match[0]
        parts = split_code(token)
        if not any(map(str.isalpha, parts)) or token.isdigit() or measured.fullmatch(token):
            return token
        if not any(part.isdigit() for part in parts):
            return token
        return " " + " ".join(_code_part(part, is_code(token)) for part in parts) + " "

    return (
        rule(r"(?<![\d-])(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?![\d-])", lambda m: phone(m[0])),
        rule(r"(?<![\d-])(?:0\d{2,3}-\d{7,8}|[48]00-?\d{3}-?\d{4}|[48]00-\d{4}-\d{3})(?![\d-])",
             lambda m: phone(m[0])),
        rule(rf"((?:{before})(?:号码|号)?[\s:：是为#“\"（(]*)(\d{{3,}})(?!\d|\.\d|\s*[元块个件份单天人年月%])",
             lambda m: m[1] + (phone_digits if _dialled(m[1]) else digits)(m[2])),
        rule(rf"{START}\d+(?:\.\d+){{2,}}(?!\d)", lambda m: "点".join(value(g) for g in m[0].split("."))),
        rule(MIXED_CODE.pattern, mixed),
        rule(r"(?<![\d.-])\d+(?:-\d+){2,}(?![\d-])", lambda m: "，".join(digits(g) for g in m[0].split("-"))),
        rule(r"(?<![\d.,-])(?:0\d+|\d{8,})(?![\d.,]|\s*[元万亿])", lambda m: digits(m[0])),
    )  # fmt: skip


def _dialled(before: str) -> bool:
    return any(word in before for word in ("电话", "手机", "热线", "拨打", "致电", "客服"))


def _code_part(part: str, code: bool) -> str:
    if part.isdigit():
        return digits(part) if code or len(part) > 3 or part[0] == "0" else value(part)
    return " ".join(part.upper()) if code or (part.isupper() and len(part) <= 4) else part


def _amounts(lexicon: Lexicon) -> tuple[Rule, ...]:
    sign = alternatives(list(lexicon.currencies))
    unit = alternatives(list(lexicon.units))

    def money(number: str, scale: str | None, currency: str) -> str:
        return f"{value(trimmed(number))}{scale or ''}{lexicon.currencies[currency].zh}"

    return (
        rule(rf"(-?)({sign})\s*({NUMBER}){SCALE}{TO}(?:{sign})?\s*({NUMBER}){SCALE}(?:\s*(?:元|块)(?!钱))?",
             lambda m: f"{'负' if m[1] else ''}{value(trimmed(m[3]))}{m[4] or ''}到{money(m[5], m[6], m[2])}"),
        rule(rf"(-?)({sign})\s*(-?)({NUMBER}){SCALE}(?:\s*(?:元|块)(?!钱))?",
             lambda m: ("负" if m[1] or m[3] else "") + money(m[4], m[5], m[2])),
        rule(rf"{START}({NUMBER}){SCALE}\s*({sign})(?![A-Za-z\d])", lambda m: money(m[1], m[2], m[3])),
        rule(rf"{START}({NUMBER})(?=\s*[万亿]?\s*[元块])", lambda m: _two(value(trimmed(m[1])))),
        rule(rf"{START}(\d)\.?(\d)?\s*折", lambda m: digits(m[1] + (m[2] or "")) + "折"),
        rule(rf"(-?){START}({NUMBER})\s*%?{TO}({NUMBER})\s*%",
             lambda m: f"百分之{'负' if m[1] else ''}{value(m[2])}到百分之{value(m[3])}"),
        rule(rf"(-?){START}({NUMBER})\s*%", lambda m: f"{'负' if m[1] else ''}百分之{value(m[2])}"),
        rule(rf"{START}({NUMBER})\s*‰", lambda m: f"千分之{value(m[1])}"),
        rule(rf"{START}({NUMBER})\s*({unit})?\s*[xX×*]\s*(?={NUMBER})",
             lambda m: f"{value(m[1])}{lexicon.units[m[2]].zh if m[2] else ''}乘"),
        rule(rf"(?<![\d.A-Za-z])(-?)({NUMBER})(?:\s*(?:{unit}))?{TO}(-?)({NUMBER})\s*({unit})(?![A-Za-z\d])",
             lambda m: f"{_minus(m[1])}{value(m[2])}到{_minus(m[3])}{value(m[4])}{lexicon.units[m[5]].zh}"),
        rule(rf"(?:(?<![\d.A-Za-z零一二三四五六七八九十])(-))?{START}({NUMBER})\s*({unit})(?![A-Za-z\d])",
             lambda m: f"{_minus(m[1])}{_two(value(m[2]))}{lexicon.units[m[3]].zh}"),
    )  # fmt: skip


def _minus(sign: str | None) -> str:
    return "负" if sign else ""


def _two(said: str) -> str:
    return "两" if said == "二" else said


def _plain_numbers(lexicon: Lexicon) -> tuple[Rule, ...]:
    measures = f"[{lexicon.measures}]"

    def fraction(m: re.Match[str]) -> str:
        above, below = int(m[1]), int(m[2])
        if 0 < above < below:
            return f"{value(m[2])}分之{value(m[1])}"
        if above == below and 1 <= above <= 12:
            return f"{value(m[1])}月{value(m[2])}日"
        return f"{value(m[1])}比{value(m[2])}"

    return (
        rule(rf"{START}({NUMBER}){TO}({NUMBER}){END}", lambda m: f"{value(m[1])}到{value(m[2])}"),
        rule(rf"{START}(\d{{1,4}})/(\d{{1,4}})(?![\d/])", fraction),
        rule(
            rf"{START}({INTEGER}):({INTEGER})(?![\d:])", lambda m: f"{value(m[1])}比{value(m[2])}"
        ),
        rule(rf"{START}({INTEGER})\+", lambda m: f"{value(m[1])}多"),
        rule(rf"(?<![\d第.,初])2(?=\s*{measures})(?!\s*点[一-九])", lambda m: "两"),
        rule(rf"(?<![\w.])-(?={NUMBER})", lambda m: "负"),
        rule(NUMBER, lambda m: value(m[0])),
    )
