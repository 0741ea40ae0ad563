"""The tag head's confidence: probabilities over whole sequences, not a unit's own score."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nlu.heads import allowed_moves, marginals


@pytest.mark.parametrize("seed", range(5))
def test_marginals_are_those_of_every_valid_sequence(seed: int) -> None:
    rng = np.random.default_rng(seed)
    emissions = rng.normal(0, 4, (4, 5)).astype(np.float32)
    moves = rng.normal(0, 2, (6, 5)).astype(np.float32)
    allowed = allowed_moves(5)
    mass = np.zeros((4, 5))
    for path in itertools.product(range(5), repeat=4):
        pairs = list(itertools.pairwise((5, *path)))
        if all(allowed[pair] for pair in pairs):
            score = sum(moves[pair] for pair in pairs) + emissions[range(4), path].sum()
            mass[range(4), path] += np.exp(score)
    expected = mass / mass.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(marginals(emissions, moves), expected, atol=1e-4)
