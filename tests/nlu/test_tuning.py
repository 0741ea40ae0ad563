"""What tuning is made of, without the encoder: texts of one label drawn together, and when to stop."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from safetensors import safe_open
from torch import nn

from nlu.encoder.graph import FloatArray
from nlu.train.contrast import alike_batches, contrast
from nlu.train.network import BATCH, TuneRow
from nlu.train.optimise import Optimiser
from nlu.train.start import ENCODER, PATH, started
from nlu.train.tune import Plan, Stop


def test_learning_by_contrast_draws_texts_of_one_label_together() -> None:
    torch.manual_seed(0)
    vectors, labels = torch.randn(12, 8), torch.arange(12) % 3
    free = nn.Parameter(vectors.clone())
    optimiser = torch.optim.Adam([free], lr=0.05)
    for _ in range(100):
        optimiser.zero_grad()
        contrast(free, labels).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    unit = nn.functional.normalize(free.detach(), dim=1)
    cosines = unit @ unit.T
    alike = labels[:, None] == labels[None]
    assert cosines[alike].min() > cosines[~alike].max()


def test_a_batch_without_two_of_a_label_teaches_nothing_by_contrast() -> None:
    assert contrast(torch.randn(3, 4), torch.arange(3)) == 0


def test_batches_hold_as_many_texts_of_each_of_their_labels() -> None:
    labels = np.array([0] * 50 + [1] * 5 + [2] * 2 + [3], dtype=np.int64)
    drawn = alike_batches(labels, 3, 2, np.random.default_rng(7))
    seen = [sorted(labels[next(drawn)].tolist()) for _ in range(40)]
    assert all(len(set(one)) == 3 and one[::2] == one[1::2] for one in seen)
    assert {label for one in seen for label in one} == {0, 1, 2, 3}


def test_the_best_judgement_stays_and_worse_ones_are_counted() -> None:
    stop, optimiser = Stop(), Optimiser([([weight := nn.Parameter(torch.zeros(1))], 0.1)], 10)
    for right in (0.5, 0.7, 0.6, 0.7, 0.4, 0.3):
        optimiser.step((weight - 1).sum())
        with optimiser.averaged():
            inside = weight.item()
            if stop.is_best(right, 0.0):
                optimiser.keep_best()
                best = inside
    assert stop.since == 2
    assert weight.item() != best
    optimiser.take_best()
    assert weight.item() == best


@pytest.mark.parametrize(
    ("count", "tokens", "passes"),
    [
        (1_500, 12, 30),  # few and short: as many as do any good
        (10_000, 12, 15),  # by the budget
        (10_000, 75, 4),  # long: the fewest that do
        (60_000, 75, 0.8),  # too many for that
    ],
)
def test_long_texts_are_passed_over_often_enough(count: int, tokens: int, passes: float) -> None:
    row = TuneRow(np.zeros((tokens, 1), np.float16), intent=0)
    plan = Plan.of([row] * count)
    assert plan.steps == round(math.ceil(count / BATCH) * passes)


def test_tuning_starts_from_the_adapter_of_this_encoder_alone() -> None:
    with safe_open(PATH, framework="np") as file:
        source = file.metadata()[ENCODER]
        names = {name.rpartition(".")[0] for name in file.keys()}  # noqa: SIM118
    layers = {int(name.split(".")[2]) for name in names}
    assert layers == set(range(1, 12))

    def plain(name: str) -> FloatArray:
        return np.zeros((1536, 384) if "intermediate" in name else (384, 384), np.float32)

    inner = "encoder.layer.3.intermediate.dense.weight"
    ours = started(plain, source)
    assert ours(inner).any()
    assert not ours(inner.replace("3", "0")).any()
    assert not started(plain, "of another")(inner).any()
