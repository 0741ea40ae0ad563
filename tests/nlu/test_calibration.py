"""What a calibration error means depends on how many examples it is taken on."""

from __future__ import annotations

import numpy as np
import pytest

from nlu.evaluate.judge import calibration_error, chance_error


@pytest.mark.parametrize(("count", "most"), [(200, 0.1), (20_000, 0.01)])
def test_few_examples_show_an_error_that_is_none(count: int, most: float) -> None:
    rng = np.random.default_rng(3)
    sure = rng.uniform(0.3, 1, count)
    right = rng.random(count) < sure
    by_chance = chance_error(sure)
    assert by_chance < most
    assert calibration_error(sure, right) == pytest.approx(by_chance, rel=0.6)
    assert calibration_error(np.sqrt(sure), right) > 1.2 * by_chance
