"""The trained policy, as it runs: numpy alone, a fraction of a millisecond a decision.

One layer of attention from the present state over the last few (in the spirit of Vlasov et al.
2019, "Dialogue Transformers"), over the features of a state: intent with its meaning to the encoder,
entities, previous action, open form, slots.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from dialogue.decisions import TRAINED, Decision
from dialogue.domain import TWO_STAGE_FALLBACK, Domain
from dialogue.events import ACTION_LISTEN
from dialogue.history import State
from dialogue.project.model import Project

log = logging.getLogger(__name__)

PRIORITY = 1
WEIGHTS_FILE = "policy.safetensors"
CARD_FILE = "policy.json"
RANKED = 5
Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Which place of the feature vector means what."""

    index: Mapping[str, int]
    slots: Mapping[str, tuple[int, int]]
    """First place and width of each slot's features."""
    width: int
    actions: tuple[str, ...]
    intents: frozenset[str]
    """Intents that the stories use: of others the policy knows nothing."""

    @classmethod
    def of(cls, domain: Domain, intents: Sequence[str], actions: Sequence[str]) -> Vocabulary:
        names = [
            *(f"intent:{name}" for name in sorted(set(intents))),
            *(f"entity:{name}" for name in sorted(domain.entities)),
            *(f"action:{name}" for name in dict.fromkeys(actions)),
            *(f"loop:{name}" for name in (*domain.forms, TWO_STAGE_FALLBACK)),
        ]
        index = {name: place for place, name in enumerate(names)}
        width = len(names)
        slots = {}
        for slot in domain.slots.values():
            if slot.feature_width:
                slots[slot.name] = (width, slot.feature_width)
                width += slot.feature_width
        return cls(index, slots, width, tuple(dict.fromkeys(actions)), frozenset(intents))

    def features(self, state: State) -> list[tuple[int, float]]:
        """The places of `state` that are not zero."""
        names = [f"entity:{entity.split('#', 1)[0]}" for entity in state.entities]
        names += [
            f"{kind}:{name}"
            for kind, name in (
                ("intent", state.intent),
                ("action", state.previous),
                ("loop", state.loop),
            )
            if name
        ]
        found = [(self.index[name], 1.0) for name in dict.fromkeys(names) if name in self.index]
        for slot, values in state.slots:
            if slot in self.slots and isinstance(values, tuple):
                start, width = self.slots[slot]
                found += [(start + i, float(v)) for i, v in enumerate(values[:width]) if v]
        return found

    def as_json(self) -> dict[str, Any]:
        return {
            "index": dict(self.index),
            "slots": {name: list(place) for name, place in self.slots.items()},
            "width": self.width,
            "actions": list(self.actions),
            "intents": sorted(self.intents),
        }

    @classmethod
    def from_json(cls, raw: Mapping[str, Any]) -> Vocabulary:
        return cls(
            raw["index"],
            {name: (place[0], place[1]) for name, place in raw["slots"].items()},
            int(raw["width"]),
            tuple(raw["actions"]),
            frozenset(raw["intents"]),
        )


@dataclass(frozen=True, slots=True)
class PolicyCard:
    """What is known of a trained policy."""

    vocabulary: Vocabulary
    max_history: int
    temperature: float
    fingerprint: str
    scores: Mapping[str, float] = field(default_factory=dict)


class TrainedPolicy:
    """Scores every action; a `Scorer` of the ensemble."""

    def __init__(self, card: PolicyCard, weights: Mapping[str, Array]) -> None:
        self.card = card
        self.weights = dict(weights)

    def decide(self, states: Sequence[State]) -> list[Decision]:
        """The best action with its probability, the next best behind it."""
        if not states:
            return []
        present = states[-1]
        known = present.intent is None or present.intent in self.card.vocabulary.intents
        if present.previous == ACTION_LISTEN and not known:
            return []
        scores = self.probabilities(states)
        best = np.argsort(-scores)[:RANKED]
        actions = self.card.vocabulary.actions
        ranking = tuple((actions[i], float(scores[i])) for i in best)
        return [Decision(ranking[0][0], TRAINED, ranking[0][1], PRIORITY, ranking=ranking)]

    def probabilities(self, states: Sequence[State]) -> Array:
        """Return (actions,), summing to one."""
        window = states[-self.card.max_history :]
        w = self.weights
        hidden = np.empty((len(window), w["embed.bias"].shape[0]), np.float32)  # (time, width)
        for t, state in enumerate(window):
            row = w["embed.bias"].copy()
            for place, value in self.card.vocabulary.features(state):
                row += value * w["embed.weight"][place]
            hidden[t] = row
        hidden = np.maximum(hidden, 0) + w["position"][-len(window) :]  # the present is last
        hidden = _norm(hidden, w["norm1.weight"], w["norm1.bias"])
        last = hidden[-1]
        query = last @ w["query"]
        attention = _softmax((hidden @ w["key"]) @ query / np.float32(np.sqrt(len(query))))
        last = last + (attention @ (hidden @ w["value"])) @ w["out"]
        last = _norm(last, w["norm2.weight"], w["norm2.bias"])
        inner = np.maximum(last @ w["mlp1"] + w["mlp1.bias"], 0)
        last = last + inner @ w["mlp2"]
        logits = last @ w["head"] + w["head.bias"]
        return _softmax(logits / np.float32(self.card.temperature))


def _norm(x: Array, weight: Array, bias: Array) -> Array:
    mean = x.mean(axis=-1, keepdims=True)
    spread = x.var(axis=-1, keepdims=True)
    normal: Array = ((x - mean) / np.sqrt(spread + 1e-5) * weight + bias).astype(np.float32)
    return normal


def _softmax(x: Array) -> Array:
    exp = np.exp(x - x.max())
    shares: Array = (exp / exp.sum()).astype(np.float32)
    return shares


def fingerprint(project: Project) -> str:
    """Changes whenever the policy would have to be trained anew."""
    stories = [(story.name, repr(story.steps)) for story in project.stories]
    parts = json.dumps([project.domain.source, stories], sort_keys=True, default=str)
    return hashlib.sha256(f"{parts}{project.policies}".encode()).hexdigest()


def load_trained(folder: Path, project: Project) -> TrainedPolicy | None:
    """The policy in `folder`, or None when there is none or it is not this project's."""
    card_file = folder / CARD_FILE
    if not card_file.is_file():
        return None
    raw = json.loads(card_file.read_text(encoding="utf-8"))
    if raw.get("fingerprint") != fingerprint(project):
        log.warning("the trained policy in %s is of another version of the bot; train it", folder)
        return None
    card = PolicyCard(
        Vocabulary.from_json(raw["vocabulary"]),
        int(raw["max_history"]),
        float(raw["temperature"]),
        raw["fingerprint"],
        raw.get("scores", {}),
    )
    return TrainedPolicy(card, load_file(folder / WEIGHTS_FILE))
