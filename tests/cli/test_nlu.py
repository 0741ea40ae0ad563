"""``lingxi nlu`` as an owner calls it, with the real encoder: train, judge, lint."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from app.cli import app
from nlu.evaluate.noise import KINDS
from nlu.train.trainer import checkpoint_of

ASKED = {
    "return": ["我想退掉{}", "{}能退吗", "send the {} back", "怎么退{}", "I want to return my {}"],
    "track": [
        "{}到哪了",
        "我的{}还没收到",
        "where is my {}",
        "查一下{}的物流",
        "has the {} shipped",
    ],
    "price": ["{}多少钱", "how much is the {}", "{}有优惠吗", "{}卖什么价", "price of {} please"],
}
TRAINED = ("耳机", "书包", "kettle", "台灯")
HELD = ("手表", "keyboard")
KEPT_AT_ONCE = """
import sys
from nlu.train import optimise
optimise.KEEP_EVERY_S = 0
from app.cli import app
app(["nlu", *sys.argv[1:]])
"""


def written(path: Path, products: tuple[str, ...], *others: tuple[str, str]) -> Path:
    asked = [
        (text.format(p), intent) for intent in ASKED for text in ASKED[intent] for p in products
    ]
    rows = [json.dumps({"text": text, "intent": intent}) for text, intent in [*asked, *others]]
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def nlu(*words: object) -> Result:
    return CliRunner().invoke(app, ["nlu", *map(str, words)])


@pytest.mark.slow
@pytest.mark.parametrize("profile", ["fast", "best"])
def test_a_trained_model_is_judged_clean_and_noisy(
    tmp_path: Path, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, held = written(tmp_path / "train.jsonl", TRAINED), written(tmp_path / "dev.jsonl", HELD)
    model = tmp_path / "model"
    done = nlu("train", "--data", train, "--dev", held, "--out", model, "--profile", profile)
    assert done.exit_code == 0, done.stderr
    page = tmp_path / "report.html"
    asked = ["evaluate", "--model", model, "--data", held, "--noise", "--json"]
    done = nlu(*asked, "--report", page, "--train", train, "--language", "zh")
    assert done.exit_code == 0, done.stderr
    figures = json.loads(done.stdout)
    assert figures["examples"] == 30
    assert figures["accuracy"] > 0.8
    assert figures["noise"]["traditional"] > 0.8
    assert figures["noise"].keys() == KINDS.keys()
    if profile == "best":
        monkeypatch.setenv("LINGXI_NLU_RUNTIME", "torch")  # tuned layers too
        by_torch = json.loads(nlu("evaluate", "--model", model, "--data", held, "--json").stdout)
        assert by_torch["accuracy"] == pytest.approx(figures["accuracy"], abs=0.04)  # one of 30
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 4
    assert "模型理解得怎么样" in html
    assert ">置信度</text>" in html
    assert "<td>return</td>" in html


@pytest.mark.slow
def test_too_little_to_judge_tuning_by_keeps_the_encoder_as_it_is(tmp_path: Path) -> None:
    train = written(tmp_path / "train.jsonl", TRAINED[:1])
    done = nlu("train", "--data", train, "--out", tmp_path / "model", "--profile", "best")
    assert done.exit_code == 0, done.stderr
    assert "expected 20 held-out examples" in " ".join(done.stderr.split())


@pytest.mark.slow
def test_entities_too_few_to_score_before_tuning_are_no_hindrance_nor_is_a_kill(
    tmp_path: Path,
) -> None:
    paths = []
    for name, products in (("train", TRAINED[:2]), ("dev", HELD)):
        rows = [
            {
                "text": text.format(product),
                "entities": [
                    {
                        "entity": "product",
                        "start": (at := text.index("{}")),
                        "end": at + len(product),
                    }
                ],
            }
            for asked in ASKED.values()
            for text in asked
            for product in products
        ]
        paths.append(tmp_path / f"{name}.jsonl")
        paths[-1].write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    train, held = paths
    model = tmp_path / "model"
    command = ["train", "--data", train, "--dev", held, "--profile", "best", "--json", "--out"]
    done = nlu(*command, model)
    assert done.exit_code == 0, (done.stderr, done.exception)
    whole = json.loads(done.stdout)["model_id"]
    done = nlu("evaluate", "--model", model, "--data", held, "--json")
    assert json.loads(done.stdout)["entity_f1"] is not None

    again = tmp_path / "again"
    killed = subprocess.Popen([sys.executable, "-c", KEPT_AT_ONCE, *map(str, command), again])
    while not checkpoint_of(again).exists() and killed.poll() is None:
        time.sleep(0.05)
    killed.kill()
    assert killed.wait() == -signal.SIGKILL
    assert checkpoint_of(again).exists()
    assert not again.exists()
    done = nlu(*command, again)
    assert json.loads(done.stdout)["model_id"] == whole
    assert not checkpoint_of(again).exists()


def test_a_profile_that_is_none_is_refused() -> None:
    done = nlu("train", "--data", "x.jsonl", "--out", "y", "--profile", "bset")
    assert done.exit_code == 2
    assert "bset" in done.stderr


def test_conflicting_examples_fail_with_their_place(tmp_path: Path) -> None:
    data = written(tmp_path / "train.jsonl", TRAINED, ("耳机多少钱", "track"))
    done = nlu("validate", "--data", data)
    assert done.exit_code == 1
    assert "train.jsonl:61: conflict" in " ".join(done.stdout.split())
    assert nlu("validate", "--data", written(data, TRAINED)).exit_code == 0


@pytest.mark.slow
def test_why_a_text_is_understood_adds_up(tmp_path: Path) -> None:
    model = tmp_path / "model"
    train = written(tmp_path / "train.jsonl", TRAINED)
    assert nlu("train", "--data", train, "--out", model).exit_code == 0
    command = ["parse", "手表能退吗", "--explain", "--json", "--model", str(model)]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.stderr
    why = json.loads(done.stdout)
    best = why["intents"][0]
    assert best == "return"
    total = why["without_words"][best] + sum(word["shares"][best] for word in why["words"])
    assert total == pytest.approx(why["understanding"]["intent_ranking"][0]["confidence"], abs=0.02)
    telling = sorted(why["words"], key=lambda word: -word["shares"][best])[:2]
    assert {word["text"] for word in telling} & {"退", "能退"}
    assert why["nearest"][0]["intent"] == "return"
    assert {"queue", "encode", "segment"} <= set(why["understanding"]["timings_ms"])
