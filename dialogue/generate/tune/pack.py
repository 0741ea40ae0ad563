"""A lesson as one sequence: the passages once, then each question seeing only them and itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from dialogue.generate.marks import MARKS
from dialogue.generate.tune.compose import Branch, Lesson
from dialogue.generate.vocabulary import Vocabulary, ids_of

MARK_WEIGHT = 4.0
"""Of a reply's first token beside each other one: it decides what is said at all."""
LEAST_JOINED = 3
"""So many replies need a word beyond their passages before it is one that joins."""


@dataclass(frozen=True, slots=True)
class Pack:
    ids: NDArray[np.int64]  # (tokens,)
    positions: Tensor  # (tokens,)
    mask: Tensor  # (tokens, tokens), added to the scores
    asked: Tensor  # (targets,) places in the sequence whose state foretells a target
    candidates: NDArray[np.int64]  # ids that compete
    targets: Tensor  # (targets,) places in `candidates`
    weights: Tensor  # (targets,)
    first: tuple[int, ...]
    """Of each branch, the place of its mark among the targets."""
    branches: tuple[Branch, ...]


class Packer:
    def __init__(self, tokenizer: Tokenizer, bos: int, eos: int) -> None:
        self._tokenizer = tokenizer
        self._vocabulary = Vocabulary(tokenizer)
        self._bos, self._eos = bos, eos
        self.marks = ids_of(tokenizer, MARKS)
        self.joining: frozenset[int] = frozenset()

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def learn_joining(self, lessons: Iterable[Lesson]) -> list[str]:
        """The tokens that replies have and their passages have not, and remember them."""
        found: Counter[int] = Counter()
        for lesson in lessons:
            known = self._vocabulary.tokens_of(lesson.passages)
            for branch in lesson.branches:
                if branch.text:
                    found.update(set(self.encode(spaced(branch.text))) - known)
        names = {token: self._tokenizer.id_to_token(token) or "" for token in found}
        kept = [
            token
            for token, count in found.items()
            if count >= LEAST_JOINED and not any(char.isdigit() for char in names[token])
        ]
        self.joining = frozenset(kept)
        return sorted(names[token] for token in kept)

    def pack(self, lesson: Lesson) -> Pack:
        trunk = [self._bos, *self.encode(lesson.passages)]
        ids, positions, owner = list(trunk), list(range(len(trunk))), [0] * len(trunk)
        asked: list[int] = []
        targets: list[int] = []
        weights: list[float] = []
        first: list[int] = []
        for number, branch in enumerate(lesson.branches, start=1):
            prompt = self.encode(branch.prompt)
            reply = ids_of(self._tokenizer, [branch.mark])
            if branch.text:
                reply += [*self.encode(spaced(branch.text)), self._eos]
            start = len(ids)
            fed = prompt + reply[:-1]
            first.append(len(targets))
            asked += range(start + len(prompt) - 1, start + len(fed))
            targets += reply
            weights += [MARK_WEIGHT, *[1.0] * (len(reply) - 1)]
            ids += fed
            positions += range(len(trunk), len(trunk) + len(fed))
            owner += [number] * len(fed)
        candidates = np.unique(
            [*targets, *self.marks, *self.joining, *self._vocabulary.tokens_of(lesson.passages)]
        )
        return Pack(
            np.asarray(ids),
            torch.tensor(positions, dtype=torch.float32),
            _mask(owner),
            torch.tensor(asked),
            candidates,
            torch.from_numpy(np.searchsorted(candidates, targets)),
            torch.tensor(weights),
            tuple(first),
            lesson.branches,
        )


def _mask(owner: Sequence[int]) -> Tensor:
    owners = torch.tensor(owner)
    same = (owners[None] == owners[:, None]) | (owners[None] == 0)
    seen = same & torch.ones_like(same).tril()
    return torch.zeros(same.shape).masked_fill(~seen, float("-inf"))


def spaced(text: str) -> str:
    """English words begin with their space, also after the mark."""
    return f" {text}" if text[:1].isascii() else text
