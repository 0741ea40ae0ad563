"""What is said of what is written: every line here is something a shop's bot sends."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.voice.speakable.text import language_of, speakable

CHINESE = [
    # codes, phones, years
    ("您的订单 LX20240001 已发货", "您的订单 L X 二零二四零零零一已发货。"),
    ("运单号 SF1234567890123。", "运单号 S F 一二三四五六七八九零一二三。"),
    ("订单号：202405061234，共 3 件", "订单号：二零二四零五零六一二三四，共三件。"),
    ("请拨打400-800-1234。", "请拨打四零零，八零零，幺二三四。"),
    ("手机13800138000", "手机幺三八，零零幺三，八零零零。"),
    ("座机010-12345678", "座机零幺零，幺二三四五六七八。"),
    ("客服热线95588。", "客服热线九五五八八。"),
    ("尾号1234的银行卡", "尾号一二三四的银行卡。"),
    ("验证码 080912，5分钟内有效", "验证码零八零九一二，五分钟内有效。"),
    ("2024年上新", "二零二四年上新。"),
    ("版本3.0.1", "版本三点零点一。"),
    # money
    ("满¥300减50", "满三百元减五十。"),
    ("到手价￥1,299.50。", "到手价一千二百九十九点五元。"),
    ("运费 12.00 元", "运费十二元。"),
    ("售价$12.5", "售价十二点五美元。"),
    ("¥100-200元", "一百到二百元。"),
    ("预算1.5万元", "预算一点五万元。"),
    ("余额-¥5", "余额负五元。"),
    ("8.5折，会员95折", "八五折，会员九五折。"),
    ("99 USD", "九十九美元。"),
    # dates and times
    ("2024-05-06 14:30 之前", "二零二四年五月六日十四点三十分之前。"),
    ("2024/5/6送达", "二零二四年五月六日送达。"),
    ("5月1日-5日放假", "五月一日到五日放假。"),
    ("营业时间09:00-18:00。", "营业时间九点到十八点。"),
    ("2:05发车", "两点零五分发车。"),
    ("3:30 PM", "下午三点三十分。"),
    # percentages, ranges, fractions, units
    ("退款率5%-10%", "退款率百分之五到百分之十。"),
    ("3-5个工作日", "三到五个工作日。"),
    ("7~15天", "七到十五天。"),
    ("1/2的用户", "二分之一的用户。"),
    ("100+款商品", "一百多款商品。"),
    ("比分16:9", "比分十六比九。"),
    ("重2.5kg，500ml装", "重二点五公斤，五百毫升装。"),
    ("尺寸10x20x30cm", "尺寸十乘二十乘三十厘米。"),
    ("-5℃~25℃", "负五到二十五摄氏度。"),
    ("面积20㎡", "面积二十平方米。"),
    # two
    ("2个订单2件，第2件半价，2024年2月2日", "两个订单两件，第二件半价，二零二四年二月二日。"),
    ("12个月", "十二个月。"),
    # abbreviations and brands
    ("VIP客服7×24小时在线", "V I P 客服全天二十四小时在线。"),
    ("打开APP，连接WIFI", "打开A P P，连接WiFi。"),
    ("iPhone 15 Pro和MP3", "iPhone 十五 Pro和 M P 三。"),
    ("双11、618大促", "双十一、六一八大促。"),
    ("5G手机", "五 G手机。"),
    # full width, circled, ideographic
    ("１２３元，①号", "一百二十三元，一号。"),
    ("共３，５００元", "共三，五百元。"),
    ("A/B测试、退货/换货", "A B测试、退货或换货。"),
]

ENGLISH = [
    ("Order LX20240001 shipped.", "Order L X two zero two four zero zero zero one shipped."),
    ("Your order number is 12345.", "Your order number is one two three four five."),
    ("The code is 4821", "The code is four eight two one."),
    ("Call 400-800-1234.", "Call four zero zero, eight zero zero, one two three four."),
    ("It costs $1,299.50!", "It costs one thousand two hundred and ninety-nine dollars and fifty cents!"),
    ("Only $1.", "Only one dollar."),
    ("Only ¥99.", "Only ninety-nine yuan."),
    ("Save 20%off", "Save twenty percent off."),
    ("Open 09:00-18:00.", "Open nine A M to six P M."),
    ("By 9:05 am", "By nine oh five A M."),
    ("On 2024-05-06.", "On May sixth, twenty twenty-four."),
    ("On May 6, 2024.", "On May sixth, twenty twenty-four."),
    ("Since 2019.", "Since twenty nineteen."),
    ("Refunds take 3-5 days.", "Refunds take three to five days."),
    ("The 1st of 2 items", "The first of two items."),
    ("2.5kg and 1 kg", "two point five kilograms and one kilogram."),
    ("10x20cm", "ten by twenty centimeters."),
    ("1/2 price", "one half price."),
    ("Item #12", "Item number twelve."),
    ("1,000,000 orders", "one million orders."),
    ("Q&A 24/7, e.g. now", "Q and A twenty-four seven, for example now."),
    ("Version 2.0.1", "Version two point zero point one."),
    ("100+ items", "more than one hundred items."),
]  # fmt: skip

MARKUP = [
    ("**加粗** 和 `code`", "加粗和 code。"),
    ("[查看订单](https://shop.example.com/o/1?x=2)", "查看订单。"),
    ("详见 https://a.cn/x?y=1。", "详见链接。"),
    ("链接：https://a.cn/x", "链接。"),
    ("看www.lingxi.com", "看链接。"),
    ("shop.example.com/a_b 有货", "链接有货。"),
    ("写信到 me@example.com", "写信到 me 艾特 example 点 com。"),
    ("<b>你好</b><br>世界 &amp; 和平", "你好\n世界和和平。"),
    ("<div onclick='x()'>你好</div>", "你好。"),
    ("<script>alert(1)</script>", ""),
    ("# 标题\n\n- 一\n- 二", "标题。\n一。\n二。"),
    ("1. 打开\n2. 点击", "一、打开。\n二、点击。"),
    ("| 商品 | 价格 |\n|---|---|\n| 手机 | 1999 |", "商品。\n价格。\n手机。\n一千九百九十九。"),
    ("~~¥199~~ ¥99", "九十九元。"),
    ("```\nprint(1)\n```", "代码。"),
    ("谢谢！😀👍🏽👨‍👩‍👧 ❤️✅", "谢谢！"),
    ("![商品图](https://a.cn/1.png)", "商品图。"),
]


@pytest.mark.parametrize(("text", "said"), CHINESE)
def test_chinese(text: str, said: str) -> None:
    assert speakable(text, "zh") == said


@pytest.mark.parametrize(("text", "said"), ENGLISH)
def test_english(text: str, said: str) -> None:
    assert speakable(text, "en") == said


@pytest.mark.parametrize(("text", "said"), MARKUP)
def test_markup_links_and_pictures_are_not_read(text: str, said: str) -> None:
    assert speakable(text, "zh") == said


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\n", "😀🎉", "---", "***", "\ud800\udfff", "\x00\u202e\u200b"]
)
def test_nothing_to_say_is_silence(text: str) -> None:
    assert speakable(text, "zh") == ""
    assert speakable(text, "en") == ""


@pytest.mark.parametrize(
    ("text", "told", "language"),
    [
        ("您的 iPhone 15 Pro Max 到了", None, "zh"),
        ("Your parcel from 天猫 has been shipped and is on its way", None, "en"),
        ("您好，请问需要什么帮助", "en", "zh"),
        ("Hello there", "zh", "en"),
        ("12:30", "en", "en"),
        ("", None, "zh"),
    ],
)
def test_the_voice_fits_the_text(text: str, told: str | None, language: str) -> None:
    assert language_of(text, told) == language  # type: ignore[arg-type]


MESSY = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.characters(categories=["Cs"]),
        st.sampled_from("0123456789.,:-/%¥$￥+~～年月日点元两第ABxyk*_#[]()<>`|：，。 \n"),
    ),
    max_size=60,
)


@given(MESSY)
@example("1" * 50)
@example("0.0.0.0.0")
@example("9999999999999999999999.9%")
@example("24:00-24:60")
@example("[" * 60)
@example("²³¼Ⅷ一〇٣०")
@example("﷽" * 20)
def test_any_text_becomes_words_alone(text: str) -> None:
    for language in ("zh", "en"):
        said = speakable(text, language)
        said.encode()  # no lone surrogate is left
        assert not re.search(r"[0-9*_#|<>`\[\]{}\\$%^=~@]", said)
        assert not any(char.isdecimal() for char in said)
        assert said == said.strip()


@given(
    st.lists(st.sampled_from("退货订单发货您好客服优惠券"), min_size=1).map("".join),
    st.integers(0, 10**15),
)
def test_words_and_numbers_are_never_lost(words: str, number: int) -> None:
    assert words in speakable(f"{words}，{number}", "zh")
    assert len(speakable(str(number), "zh")) >= 1
    assert len(speakable(str(number), "en")) >= 3
