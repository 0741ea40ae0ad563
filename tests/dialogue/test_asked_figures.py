"""What is asked for must be told: an answer beside the question is not quoted."""

from __future__ import annotations

import pytest

from dialogue.aside.asked_figure import lacks_figure


@pytest.mark.parametrize(
    ("question", "told", "beside"),
    [
        (
            "铸铁锅的碳足迹是多少",
            "全生命周期约 12 千克二氧化碳当量（碳足迹）。",
            "用后擦干，抹一层油。",
        ),
        (
            "你们公司股票代码是多少",
            "我们没有上市，没有股票代码。",
            "云杉生活，杭州，客服电话 400。",
        ),
        ("what is your stock code", "We are not listed on any exchange.", "We are in Hangzhou."),
        ("how thick is the cutting board", "It is 2 cm thick.", "Oil it once a month."),
        ("数据线有多长", "线长 1.2 米。", "支持快充。"),
        ("which version of Bluetooth has it", "Bluetooth 5.3.", "Hold the button to pair it."),
        ("你们什么时候成立的", "2014 年成立。", "周一到周日 9 点到 21 点。"),
        ("what colours does it come in", "White and grey.", "It holds two litres."),
    ],
)
def test_a_fact_that_is_asked_for_is_told_or_the_answer_is_none(
    question: str, told: str, beside: str
) -> None:
    assert not lacks_figure(question, told)
    assert lacks_figure(question, beside)


@pytest.mark.parametrize(
    "question",
    ["现在有现货吗", "Is it in stock?", "how do I change my phone number", "多久能到", "运费谁出"],
)
def test_other_questions_want_no_figure(question: str) -> None:
    assert not lacks_figure(question, "Yes.")
