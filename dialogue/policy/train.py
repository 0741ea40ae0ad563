"""Trains the policy of `dialogue.policy.trained` with torch. For the command line alone."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor, nn

from dialogue.domain import Domain
from dialogue.events import ACTION_LISTEN, ActionExecuted, Event
from dialogue.history import State
from dialogue.policy import paths
from dialogue.policy.rules import steps_of
from dialogue.policy.trained import (
    CARD_FILE,
    WEIGHTS_FILE,
    Array,
    PolicyCard,
    TrainedPolicy,
    Vocabulary,
    fingerprint,
)
from dialogue.project.model import Project

WIDTH = 96
BATCH = 64
GLUED_PER_STORY = 4
MAX_GLUED = 1500
MAX_EXAMPLES = 12_000
STEPS = 400
HELD_OUT_STEPS = 250
LEARNING_RATE = 4e-3
FEATURE_DROPOUT = 0.15
MIN_STORIES_TO_HOLD_OUT = 8
FOLDS = 3

Progress = Callable[[int, int, float], None]
Meanings = Mapping[str, Array]
"""By intent: a vector that is near those of intents which mean nearly the same."""
NO_MEANINGS: Meanings = {}


@dataclass(frozen=True, slots=True)
class _Example:
    states: tuple[State, ...]
    action: str


class _Net(nn.Module):
    def __init__(self, meant: Tensor, actions: int, max_history: int) -> None:
        """`meant` (features, width of a meaning): what the encoder makes of each feature."""
        super().__init__()
        self.meant = meant
        self.embed = nn.Linear(len(meant), WIDTH)
        self.meaning = nn.Linear(meant.shape[1], WIDTH, bias=False)
        self.position = nn.Parameter(torch.zeros(max_history, WIDTH))
        self.norm1 = nn.LayerNorm(WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH, bias=False)
        self.key = nn.Linear(WIDTH, WIDTH, bias=False)
        self.value = nn.Linear(WIDTH, WIDTH, bias=False)
        self.out = nn.Linear(WIDTH, WIDTH, bias=False)
        self.mlp1 = nn.Linear(WIDTH, 2 * WIDTH)
        self.mlp2 = nn.Linear(2 * WIDTH, WIDTH, bias=False)
        self.head = nn.Linear(WIDTH, actions)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """`x` (batch, time, features), right aligned; `mask` (batch, time); -> (batch, actions)."""
        hidden = (
            torch.relu(self.embed(x) + self.meaning(x @ self.meant)) + self.position
        )  # (batch, time, width)
        hidden = self.norm1(hidden)
        last = hidden[:, -1]
        scores = (self.key(hidden) @ self.query(last).unsqueeze(-1)).squeeze(-1) / WIDTH**0.5
        attention = torch.softmax(scores.masked_fill(~mask, -1e9), dim=-1)  # (batch, time)
        context = (attention.unsqueeze(1) @ self.value(hidden)).squeeze(1)
        last = self.norm2(last + self.out(context))
        last = last + self.mlp2(torch.relu(self.mlp1(last)))
        logits: Tensor = self.head(last)
        return logits

    def arrays(self) -> dict[str, Any]:
        state = {name: t.detach().numpy() for name, t in self.state_dict().items()}
        keep = ("position", "norm1.weight", "norm1.bias", "norm2.weight", "norm2.bias")
        out = {name: np.ascontiguousarray(state[name]) for name in keep}
        for name in ("query", "key", "value", "out", "mlp1", "mlp2", "head"):
            out[name] = np.ascontiguousarray(state[f"{name}.weight"].T)
        # A feature always means the same: when it runs, both are one row.
        of_meaning = self.meant.numpy() @ state["meaning.weight"].T
        out["embed.weight"] = np.ascontiguousarray(state["embed.weight"].T + of_meaning)
        for name in ("embed.bias", "mlp1.bias", "head.bias"):
            out[name] = np.ascontiguousarray(state[name])
        return out


def train_policy(
    project: Project,
    *,
    meanings: Meanings = NO_MEANINGS,
    seed: int = 7,
    progress: Progress | None = None,
) -> TrainedPolicy | None:
    """Train on the project's stories; None when it has none or asks for no trained policy.

    `meanings` are the encoder's vectors of the intents: what was learnt of one holds a little for
    those that mean nearly the same. The confidence is made honest on stories that a first training did not see.
    """
    stories = paths.paths_of(project.domain, project.stories)
    if not stories or not project.policies.trained:
        return None
    with _one_thread():
        return _trained(project, stories, meanings, seed, progress or _unheard)


@contextmanager
def _one_thread() -> Iterator[None]:
    """So small a net is done before a second thread has been told of it: on a busy machine several
    threads take ten times as long."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)


def _trained(
    project: Project,
    stories: Sequence[paths.Path],
    meanings: Meanings,
    seed: int,
    tell: Progress,
) -> TrainedPolicy:
    max_history = project.policies.trained_max_history
    vocabulary = _vocabulary(project.domain, stories)
    meant = _meant(vocabulary, meanings)
    torch.manual_seed(seed)
    temperature, scores = _calibrate(
        project, stories, vocabulary, meant, max_history, random.Random(seed)
    )
    rng = random.Random(seed)  # what was measured leaves no trace in what is trained
    torch.manual_seed(seed)
    examples = _examples(project, stories, max_history, rng)
    net = _fit(examples, vocabulary, meant, max_history, STEPS, rng, tell)
    card = PolicyCard(vocabulary, max_history, temperature, fingerprint(project), scores)
    return TrainedPolicy(card, net.arrays())


def save_policy(policy: TrainedPolicy, folder: Path) -> None:
    """Write weights and card; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    card = policy.card
    body = {
        "vocabulary": card.vocabulary.as_json(),
        "max_history": card.max_history,
        "temperature": card.temperature,
        "fingerprint": card.fingerprint,
        "scores": dict(card.scores),
    }
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        weights = Path(temporary) / WEIGHTS_FILE
        save_file(policy.weights, weights)
        weights.replace(folder / WEIGHTS_FILE)
        text = Path(temporary) / CARD_FILE
        text.write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
        text.replace(folder / CARD_FILE)


def _vocabulary(domain: Domain, stories: Sequence[paths.Path]) -> Vocabulary:
    intents: set[str] = set()
    actions: dict[str, None] = {ACTION_LISTEN: None}
    for story in stories:
        for states, action in steps_of(domain, story):
            actions[action] = None
            intents.update(state.intent for state in states if state.intent)
    return Vocabulary.of(domain, sorted(intents), list(actions))


def _meant(vocabulary: Vocabulary, meanings: Meanings) -> Tensor:
    """(features, width of a meaning), zeros for what is no intent with a meaning."""
    width = next((len(vector) for vector in meanings.values()), 1)
    meant = torch.zeros(vocabulary.width, width)
    for name, vector in meanings.items():
        if (place := vocabulary.index.get(f"intent:{name}")) is not None:
            meant[place] = torch.from_numpy(vector)
    return meant


def _glued(stories: Sequence[paths.Path], rng: random.Random) -> Iterable[paths.Path]:
    """Conversations that do one thing after another, as customers do."""
    wanted = min(MAX_GLUED, GLUED_PER_STORY * len(stories) + 40)
    for _ in range(wanted if len(stories) > 1 else 0):
        chosen = rng.sample(list(stories), k=min(len(stories), rng.choice((2, 2, 3))))
        events: list[Event] = []
        for story in chosen:
            following = list(story.events)
            if events and isinstance(following[0], ActionExecuted):
                following = following[1:] if following[0].name == ACTION_LISTEN else following
            events += following
        yield paths.Path("+".join(story.name for story in chosen), tuple(events))


def _examples(
    project: Project, stories: Sequence[paths.Path], max_history: int, rng: random.Random
) -> list[_Example]:
    domain = project.domain
    found: dict[_Example, None] = {}
    for story in (*stories, *_glued(stories, rng)):
        for states, action in steps_of(domain, story):
            found[_Example(states[-max_history:], action)] = None
    examples = list(found)
    rng.shuffle(examples)
    return examples[:MAX_EXAMPLES]


def _tensors(
    examples: Sequence[_Example], vocabulary: Vocabulary, max_history: int
) -> tuple[Tensor, Tensor, Tensor]:
    x = torch.zeros(len(examples), max_history, vocabulary.width)
    mask = torch.zeros(len(examples), max_history, dtype=torch.bool)
    labels = torch.zeros(len(examples), dtype=torch.long)
    place = {name: i for i, name in enumerate(vocabulary.actions)}
    for row, example in enumerate(examples):
        offset = max_history - len(example.states)
        mask[row, offset:] = True
        labels[row] = place.get(example.action, 0)
        for t, state in enumerate(example.states):
            for index, value in vocabulary.features(state):
                x[row, offset + t, index] = value
    return x, mask, labels


def _fit(
    examples: Sequence[_Example],
    vocabulary: Vocabulary,
    meant: Tensor,
    max_history: int,
    steps: int,
    rng: random.Random,
    progress: Progress,
) -> _Net:
    net = _Net(meant, len(vocabulary.actions), max_history)
    optimiser = torch.optim.AdamW(net.parameters(), lr=LEARNING_RATE, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    x, mask, labels = _tensors(examples, vocabulary, max_history)
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.02)
    for step in range(steps):
        rows = torch.tensor(rng.choices(range(len(examples)), k=min(BATCH, len(examples))))
        batch = nn.functional.dropout(x[rows], FEATURE_DROPOUT) * (1 - FEATURE_DROPOUT)
        loss = loss_of(net(batch, mask[rows]), labels[rows])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 50 == 0 or step == steps - 1:
            progress(step + 1, steps, float(loss.detach()))
    return net.eval()


def _calibrate(
    project: Project,
    stories: Sequence[paths.Path],
    vocabulary: Vocabulary,
    meant: Tensor,
    max_history: int,
    rng: random.Random,
) -> tuple[float, dict[str, float]]:
    """The temperature at which confidence on unseen stories is as high as it is right.

    Each story is held out once: of few stories one part alone would tell of chance.
    """
    if len(stories) < MIN_STORIES_TO_HOLD_OUT:
        return 1.5, {}
    shuffled = list(stories)
    rng.shuffle(shuffled)
    found = []
    for fold in range(FOLDS):
        held = shuffled[fold::FOLDS]
        kept = [story for at, story in enumerate(shuffled) if at % FOLDS != fold]
        examples = _examples(project, kept, max_history, rng)
        net = _fit(examples, vocabulary, meant, max_history, HELD_OUT_STEPS, rng, _unheard)
        unseen = [
            _Example(states[-max_history:], action)
            for story in held
            for states, action in steps_of(project.domain, story)
        ]
        x, mask, labels = _tensors(unseen, vocabulary, max_history)
        with torch.no_grad():
            found.append((net(x, mask), labels))
    logits = torch.cat([one for one, _ in found])  # (steps, actions)
    labels = torch.cat([one for _, one in found])
    grid = [1.0 + 0.1 * i for i in range(31)]
    losses = [float(nn.functional.cross_entropy(logits / t, labels)) for t in grid]
    best = grid[int(np.argmin(losses))]
    right = float((logits.argmax(-1) == labels).float().mean())
    return best, {"held_out_accuracy": right, "held_out_steps": float(len(labels))}


def _unheard(step: int, total: int, loss: float) -> None:
    """Progress of the trainings that only measure."""


__all__ = ["save_policy", "train_policy"]
