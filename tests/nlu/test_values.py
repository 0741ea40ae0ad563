"""What spans are worth, in both languages, and that no text breaks the finders."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.extract.tables import Synonyms, merge
from nlu.extract.values import ValueExtractor, Values
from nlu.types import Entity

NOW = datetime(2026, 11, 23, 10, 0)  # a Monday
NAMES = ("money", "date", "time", "phone", "email", "order_number", "city")


def values_of(kind: str, text: str) -> list[tuple[str, str]]:
    found = ValueExtractor([kind], Values(lambda: NOW)).extract(text, "zh")
    return [(entity.text, entity.value) for entity in found]


@pytest.mark.parametrize(
    ("text", "span", "value"),
    [
        ("昨天下午三点下的单", "昨天下午三点", "2026-11-22T15:00"),
        ("下周三能到吗", "下周三", "2026-12-02"),
        ("上周五买的", "上周五", "2026-11-20"),
        ("三天前就签收了", "三天前", "2026-11-20"),
        ("半个月前买的", "半个月前", "2026-11-08"),
        ("两小时后再打来", "两小时后", "2026-11-23T12:00"),
        ("11月5号下单", "11月5号", "2026-11-05"),
        ("十一月五日", "十一月五日", "2026-11-05"),
        ("想知道25号能到吗", "25号", "2026-11-25"),
        ("去年12月1日", "去年12月1日", "2025-12-01"),
        ("2026-11-05 的单", "2026-11-05", "2026-11-05"),
        ("双十一买的还没发", "双十一", "2026-11-11"),
        ("双11晚上八点买的", "双11晚上八点", "2026-11-11T20:00"),
        ("618买的空调", "618", "2026-06-18"),
        ("国庆下的单", "国庆", "2026-10-01"),
        ("去年国庆节", "去年国庆节", "2025-10-01"),
        ("元旦前能到吗", "元旦", "2027-01-01"),
        ("等明年五一", "明年五一", "2027-05-01"),
        ("11.11那天下单的", "11.11", "2026-11-11"),
        ("12-24之前能到吗", "12-24", "2026-12-24"),
        ("在12-24收到的", "12-24", "2026-12-24"),
        ("will it come before Christmas Eve", "Christmas Eve", "2026-12-24"),
        ("bought it last Christmas", "last Christmas", "2025-12-25"),
        ("ordered on 12-24", "12-24", "2026-12-24"),
        ("a Black Friday deal", "Black Friday", "2026-11-27"),
        ("明晚8点半送来", "明晚8点半", "2026-11-24T20:30"),
        ("大后天上午", "大后天上午", "2026-11-26"),
        ("前天晚上12点", "前天晚上12点", "2026-11-22T00:00"),
        ("今天凌晨12点", "今天凌晨12点", "2026-11-23T00:00"),
        ("今天中午1点", "今天中午1点", "2026-11-23T13:00"),
        ("今晚一点", "今晚一点", "2026-11-24T01:00"),
        ("月底能到吗", "月底", "2026-11-30"),
        ("订单A10023月底能到吗", "月底", "2026-11-30"),
        ("下个月底", "下个月底", "2026-12-31"),
        ("下月初发", "下月初", "2026-12-01"),
        ("三月底", "三月底", "2026-03-31"),
        ("年底前", "年底", "2026-12-31"),
        ("二〇二六年三月八号", "二〇二六年三月八号", "2026-03-08"),
        ("11/5下的单", "11/5", "2026-11-05"),
        ("on 25/12/2026", "25/12/2026", "2026-12-25"),
        ("一个半月前", "一个半月前", "2026-10-08"),
        ("两个半小时前", "两个半小时前", "2026-11-23T07:30"),
        ("一年半前", "一年半前", "2025-05-23"),
        ("再过三天", "再过三天", "2026-11-26"),
        ("这礼拜天下午两点半", "这礼拜天下午两点半", "2026-11-29T14:30"),
        ("下个月3号", "下个月3号", "2026-12-03"),
        ("it came last Friday at 3pm", "last Friday at 3pm", "2026-11-20T15:00"),
        ("next Friday please", "next Friday", "2026-12-04"),
        ("ordered 3 days ago", "3 days ago", "2026-11-20"),
        ("bought on Nov 5th", "Nov 5th", "2026-11-05"),
        ("tomorrow at 9:30", "tomorrow at 9:30", "2026-11-24T09:30"),
        ("in two weeks", "in two weeks", "2026-12-07"),
        ("the day before yesterday", "the day before yesterday", "2026-11-21"),
        ("tomorrow morning at 9", "tomorrow morning at 9", "2026-11-24T09:00"),
        ("tomorrow evening at 7", "tomorrow evening at 7", "2026-11-24T19:00"),
        ("a couple of days ago", "a couple of days ago", "2026-11-21"),
        ("at the end of the month", "end of the month", "2026-11-30"),
    ],
)
def test_dates(text: str, span: str, value: str) -> None:
    assert values_of("date", text) == [(span, value)]


@pytest.mark.parametrize(
    "text",
    [
        "2月31号",
        "13月40日",
        "the sun is out",
        "单号20261105-8812",
        "我一周没收到",
        "A2026-11-05B",
        "24/7",
        "12-24小时发货",
        "12-24个月能用吗",
        "on 12-24 months",
        "on 24-12",
        "一共618元",
        "型号618的电池",
        "五一二地震",
        "升级到10.1了",
        "国庆快乐",
        "merry christmas",
        "超过三天没收到",
        "北京市朝阳区建国路1号",
        "世纪大道8号3号楼",
        "第3号桌",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert values_of("date", text) == []


@pytest.mark.parametrize(
    ("text", "span", "value"),
    [
        ("退我199块9", "199块9", "199.90"),
        ("¥1,299.50太贵", "¥1,299.50", "1299.50"),
        ("三百五十块钱", "三百五十块钱", "350.00"),
        ("三百五块", "三百五块", "350.00"),
        ("1.2万元", "1.2万元", "12000.00"),
        ("charged me $20 twice", "$20", "20.00"),
        ("it cost 15 bucks", "15 bucks", "15.00"),
        ("两百元", "两百元", "200.00"),
        ("花了一千二", "一千二", "1200.00"),
        ("1万2行不行", "1万2", "12000.00"),
        ("五毛钱", "五毛钱", "0.50"),
        ("HK$200", "HK$200", "200.00"),
        ("$1.2k", "$1.2k", "1200.00"),
        ("€ 12,50", "€ 12,50", "12.50"),
        ("20 dollars and 50 cents", "20 dollars and 50 cents", "20.50"),
    ],
)
def test_money(text: str, span: str, value: str) -> None:
    assert values_of("money", text) == [(span, value)]


@pytest.mark.parametrize("text", ["三百五十个", "一千二百个", "第三百二", "五百二十", "十几块"])
def test_what_is_no_money(text: str) -> None:
    assert values_of("money", text) == []


@pytest.mark.parametrize(
    ("text", "span", "value"),
    [
        ("下午三点半", "下午三点半", "15:30"),
        ("晚上十二点", "晚上十二点", "00:00"),
        ("中午十二点", "中午十二点", "12:00"),
        ("at 3pm", "3pm", "15:00"),
        ("half past nine", "half past nine", "09:30"),
    ],
)
def test_times(text: str, span: str, value: str) -> None:
    assert values_of("time", text) == [(span, value)]


@pytest.mark.parametrize("text", ["一点都不好用", "差一点就买了", "有点贵"])
def test_what_is_no_time(text: str) -> None:
    assert values_of("time", text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("寄到北京市朝阳区建国路1号", [("北京市", "北京")]),
        ("广东省深圳市南山区", [("深圳市", "深圳")]),
        ("从杭州寄到朝阳市", [("杭州", "杭州"), ("朝阳市", "朝阳")]),
        ("ship it to new york", [("new york", "New York")]),
        ("上海市南京西路", [("上海市", "上海")]),
        ("大理石桌子", []),
        ("Parisian style", []),
    ],
)
def test_cities(text: str, found: list[tuple[str, str]]) -> None:
    assert values_of("city", text) == found


def test_an_addresss_city_is_found_inside_it() -> None:
    by_encoder = Entity(
        "address", 2, 12, "北京市朝阳区建国路1", "北京市朝阳区建国路1", 0.9, "encoder"
    )
    (city,) = ValueExtractor(["city"], Values(lambda: NOW)).extract("寄到北京市朝阳区建国路1", "zh")
    assert merge([by_encoder, city]) == (by_encoder, city)
    (whole,) = merge([replace(by_encoder, entity="city"), city])
    assert Values(lambda: NOW).apply(whole, "zh").value == "北京"
    assert Synonyms({"北京市": "京"}).apply(city).value == "京"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("手机13800138000", "13800138000"),
        ("打 138-0013-8000 吧", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("call me on +44 20 7946 0958", "+442079460958"),
    ],
)
def test_phones(text: str, value: str) -> None:
    assert [found for _, found in values_of("phone", text)] == [value]


def test_an_order_number_is_no_phone() -> None:
    assert values_of("phone", "订单 20261105-8812 和 A10023") == []


def test_emails() -> None:
    assert values_of("email", "发到Li.Lei@Example.com吧") == [
        ("Li.Lei@Example.com", "li.lei@example.com")
    ]


def test_spans_of_others_get_their_value() -> None:
    values = Values(lambda: NOW)
    by_encoder = Entity("order_number", 0, 7, "a 10023", "a 10023", 0.9, "encoder")
    assert values.apply(by_encoder, "en").value == "A10023"
    day = Entity("date", 0, 3, "下周三", "下周三", 0.9, "encoder")
    assert values.apply(day, "zh").value == "2026-12-02"
    assert values.apply(replace(day, value="12-24"), "zh").value == "2026-12-24"
    vague = Entity("date", 0, 2, "最近", "最近", 0.9, "encoder")
    assert values.apply(vague, "zh").value == "最近"


ODD = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from("零一两三十百千万元块年月日号点半周上下前后天0123456789-:/.@$¥ "),
    ),
    max_size=60,
)


@given(ODD)
def test_offsets_are_exact_for_any_text(text: str) -> None:
    for entity in ValueExtractor(NAMES, Values(lambda: NOW)).extract(text, "zh"):
        assert 0 <= entity.start < entity.end <= len(text)
        assert text[entity.start : entity.end] == entity.text
        assert isinstance(entity.value, str)
