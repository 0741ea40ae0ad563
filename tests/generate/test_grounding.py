"""A sentence reaches the customer only if a passage says it."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogue.generate.grounding import check, facts, negated, plain, sentences

SHIP = "大陆地区满 99 元包邮；新疆、西藏满 299 元包邮。不满 99 元的订单，运费 8 元一单。"
SHIP_EN = "In mainland China shipping is free from ¥99; in Xinjiang and Tibet from ¥299. Smaller orders pay ¥8."
COD = "不支持货到付款，需要在线付好再发货。"
COD_EN = "No, cash on delivery isn't offered; orders are paid online before they leave."
RETURN = "签收后 7 天内可以无理由退货，退款 1–3 个工作日原路退回。"
RETURN_EN = "You can return goods within 7 days of delivery. Refunds take 1–3 working days."
CONTACT = "邮箱 help@spruceliving.example，人工每天 9:00–22:00。没有热线电话。"
CONTACT_EN = "Write to help@spruceliving.example. People are here daily from 9:00 to 22:00. There's no hotline."
SALE = "每月 18 号会员日 95 折，最多抵 20%。"


@pytest.mark.parametrize(
    ("sentence", "passage"),
    [
        ("大陆满99元包邮。", SHIP),
        ("新疆、西藏满 299 元包邮", SHIP),
        ("运费８元一单。", SHIP),
        ("不满 99 元的订单运费 8 元。", SHIP),
        ("不支持货到付款。", COD),
        ("需要在线付好再发货", COD),
        ("签收后七天内可以无理由退货。", RETURN),
        ("退款 3 个工作日原路退回", RETURN),
        ("人工每天 9:00–22:00。", CONTACT),
        ("邮箱 help@spruceliving.example", CONTACT),
        ("每月 18 号会员日 95 折", SALE),
        ("您好！", SHIP),
        ("Shipping is free from ¥99 in mainland China.", SHIP_EN),
        ("Smaller orders pay ¥8.", SHIP_EN),
        ("Cash on delivery isn't offered.", COD_EN),
        ("You can return goods within seven days of delivery.", RETURN_EN),
        ("Refunds take 1–3 working days", RETURN_EN),
        ("Write to help@spruceliving.example.", CONTACT_EN),
        ("There's no hotline.", CONTACT_EN),
    ],
)
def test_what_the_passage_says_is_supported(sentence: str, passage: str) -> None:
    verdict = check(sentence, ["会员没有付费等级。", passage])
    assert verdict.supported, verdict.reason


@pytest.mark.parametrize(
    ("sentence", "passage", "reason"),
    [
        ("大陆满 69 元包邮。", SHIP, "number 69"),
        ("大陆满 99 天包邮。", SHIP, "number 99 day"),
        ("运费八十元一单。", SHIP, "number 80"),
        ("签收后 7 小时内可以退货。", RETURN, "number 7 hour"),
        ("签收后三十天内可以无理由退货。", RETURN, "number 30"),
        ("会员日百分之三十。", SALE, "number 30 percent"),
        ("人工每天 8:00–22:00。", CONTACT, "time 8:00"),
        ("请访问 www.spruce-refund.com 领取。", CONTACT, "link"),
        ("邮箱 evil@refund.example", CONTACT, "email"),
        ("客服热线电话 400-820-8820。", CONTACT, "phone"),
        ("使用兑换码 SAVE50 下单包邮。", SHIP, "code"),
        ("我们保证签收后 7 天内可以退货。", RETURN, "promise 保证"),
        ("运费全部免费退回。", RETURN, "promise"),
        ("支持货到付款。", COD, "negation"),
        ("可以货到付款", COD, "negation"),
        ("签收后 7 天内不可以无理由退货。", RETURN, "negation"),
        ("不支持货到付款啦啦啦啦啦啦。", COD, "padding 啦"),
        ("在线付好，在线付好，在线付好，", COD, "padding 在线付好,"),
        ("Paid online online online online.", COD_EN, "padding online"),
        ("苹果公司在上海开发布会。", SHIP, "words"),
        ("Shipping is free from ¥49 in mainland China.", SHIP_EN, "number 49"),
        ("Shipping is free from $99 in mainland China.", SHIP_EN, "number 99 dollar"),
        ("Cash on delivery is offered.", COD_EN, "negation"),
        ("You can't return goods within 7 days of delivery.", RETURN_EN, "negation"),
        ("You can return goods within 7 weeks of delivery.", RETURN_EN, "number 7 week"),
        ("We guarantee refunds take 1–3 working days.", RETURN_EN, "promise guarantee"),
        ("You will get a free phone.", RETURN_EN, "promise free"),
        ("The president lives in Paris.", RETURN_EN, "words"),
        ("There's a hotline, call +86 10 5555 0199.", CONTACT_EN, "phone"),
        ("My instructions are to answer questions about the shop.", RETURN_EN, "words"),
    ],
)
def test_what_it_does_not_say_is_withheld(sentence: str, passage: str, reason: str) -> None:
    verdict = check(sentence, [passage])
    assert not verdict.supported
    assert verdict.reason.startswith(reason), verdict.reason


def test_facts_of_two_passages_are_not_mixed_in_one_sentence() -> None:
    assert not check("签收后 7 天内退货，运费 8 元一单。", [SHIP, RETURN]).supported


def test_nothing_supports_anything_without_passages() -> None:
    assert not check("满 99 元包邮。", []).supported


def test_sentences_keep_decimals_and_addresses_whole() -> None:
    text = "重 3.5 公斤。写信到 help@spruceliving.example！It costs ¥8.5. Really?"
    assert list(sentences(text)) == [
        "重 3.5 公斤。",
        "写信到 help@spruceliving.example！",
        "It costs ¥8.5.",
        "Really?",
    ]


def test_numbers_have_one_form() -> None:
    assert plain("三天内，百分之五，twelve days") == "3天内,5%,12 days"
    assert facts("1,000 元") == facts("¥1000")
    assert facts("1000.00元") == facts("一千元")


def test_two_denials_cancel() -> None:
    assert negated("不能退")
    assert not negated("不是不能退")
    assert not negated("7 天无理由退货")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_cut_without_loss_and_judged_without_an_error(text: str) -> None:
    joined = "".join("".join(sentences(text)).split())
    assert joined == "".join(text.split())
    check(text, [SHIP, SHIP_EN])


@given(st.integers(100, 10**6).filter(lambda n: n != 299))
def test_no_foreign_number_passes(number: int) -> None:
    assert not check(f"大陆地区满 {number} 元包邮。", [SHIP]).supported
    assert not check(f"Shipping is free from ¥{number:,}.", [SHIP_EN]).supported


@given(st.text(string.ascii_letters, min_size=4, max_size=12))
def test_no_foreign_link_passes(name: str) -> None:
    assert not check(f"大陆地区满 99 元包邮 https://{name}.example/x", [SHIP]).supported
