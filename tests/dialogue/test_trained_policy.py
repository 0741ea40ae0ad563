"""The trained policy: what it learnt with torch is what runs with numpy, meanings included."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import torch

from dialogue.domain import Domain
from dialogue.history import State
from dialogue.policy.train import _Example, _fit, _meant, _tensors, train_policy
from dialogue.policy.trained import PolicyCard, TrainedPolicy, Vocabulary
from dialogue.project.load import load_project

SHOP = Path(__file__).parents[2] / "bots/shop"
MEANINGS = {
    "ask_price": np.array([1, 0.1, 0], np.float32),
    "ask_cost": np.array([1, 0, 0.1], np.float32),
    "say_bye": np.array([-1, 0.3, 0], np.float32),
}


def after(intent: str) -> tuple[State, ...]:
    return (State(intent=intent, previous="action_listen"),)


def test_numpy_decides_as_torch_has_learnt_and_a_near_meaning_counts() -> None:
    actions = ["action_listen", "utter_price", "utter_bye"]
    vocabulary = Vocabulary.of(Domain(), sorted(MEANINGS), actions)
    examples = [
        _Example(after("ask_price"), "utter_price"),
        _Example(after("say_bye"), "utter_bye"),
    ]
    torch.manual_seed(1)
    meant = _meant(vocabulary, MEANINGS)
    net = _fit(examples, vocabulary, meant, 3, 120, random.Random(1), lambda *_: None)
    policy = TrainedPolicy(PolicyCard(vocabulary, 3, 1.0, ""), net.arrays())
    for intent in MEANINGS:
        x, mask, _ = _tensors([_Example(after(intent), "utter_bye")], vocabulary, 3)
        with torch.no_grad():
            wanted = torch.softmax(net(x, mask), -1)[0].numpy()
        assert policy.probabilities(after(intent)) == pytest.approx(wanted, abs=1e-5)
    [never_seen] = policy.decide(after("ask_cost"))
    assert never_seen.action == "utter_price"


def test_without_meanings_it_is_trained_all_the_same() -> None:
    policy = train_policy(load_project(SHOP))
    assert policy is not None
    assert policy.card.scores["held_out_accuracy"] > 0.5
