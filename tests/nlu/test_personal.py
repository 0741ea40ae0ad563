"""Personal data is found by its form, and what only looks like it is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.extract.personal import find_personal, mask_personal
from nlu.types import PERSONAL_KINDS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("邮箱是wang.fang+a@mail.example.com吗", [("wang.fang+a@mail.example.com", "email")]),
        ("打 138-0013-8000 吧", [("138-0013-8000", "phone")]),
        ("电话１３８００１３８０００", [("１３８００１３８０００", "phone")]),
        ("call +44 20 7946 0958 now", [("+44 20 7946 0958", "phone")]),
        ("身份证11010519491231002X", [("11010519491231002X", "id_number")]),
        ("卡号4111 1111 1111 1111。", [("4111 1111 1111 1111", "card")]),
        ("卡号 4111-1111-1111-1111", [("4111-1111-1111-1111", "card")]),
        ("a@b.cn, 4111111111111111", [("a@b.cn", "email"), ("4111111111111111", "card")]),
        ("订单 A10023，20251111123456", []),
        ("身份证110105194912310021", []),
        ("4111111111111112", []),
        ("0000000000000000", []),
        ("price 12.50, 2026-11-25 17:30", []),
        ("not@an address", []),
        ("", []),
    ],
)
def test_finds(text: str, found: list[tuple[str, str]]) -> None:
    assert [(text[p.start : p.end], p.kind) for p in find_personal(text)] == found


def check_digit(digits: str) -> str:
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    return str(-(doubled + sum(map(int, digits[-2::-2]))) % 10)


@given(
    body=st.from_regex(r"[3-6][0-9]{13,14}", fullmatch=True, alphabet="0123456789"),
    before=st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=10),
    gap=st.sampled_from(["", " ", "-"]),
)
def test_every_card_number_is_hidden_wherever_it_stands(body: str, before: str, gap: str) -> None:
    whole = body + check_digit(body)
    shown = gap.join(whole[i : i + 4] for i in range(0, len(whole), 4))
    text = f"{before}，{shown}。"
    assert shown not in mask_personal(text, ["card"], lambda kind: f"[{kind}]")


@given(st.text(max_size=200))
def test_places_are_in_order_inside_the_text_and_apart(text: str) -> None:
    places = find_personal(text)
    ends = [0, *(end for place in places for end in place[:2]), len(text)]
    assert ends == sorted(ends)
    assert mask_personal(text, (), str) == text


@pytest.mark.parametrize("piece", ["1", "1 ", "4-", "a.", "@", "a@", "+8", "1１"])
def test_no_text_takes_for_ever(piece: str) -> None:
    """Linear: a pattern that backtracks would outlast the test's limit."""
    mask_personal(piece * 20_000, PERSONAL_KINDS, str)
