"""Messages that belong to no intent: everyday talk from a file, and seeded nonsense."""

from __future__ import annotations

import json
import random
from importlib.resources import files

from nlu.data.examples import Example

NONSENSE = 60
_KEYS = "asdfghjklqwertyuiopzxcvbnm"
_SYMBOLS = "!@#$%^&*()_+-=[]{};:,.<>/?~😀🎉🙈🐟"


def outside_talk(seed: int) -> list[Example]:
    """What no bot has an intent for: everyday talk, and as much nonsense as training needs."""
    return [*everyday_talk(), *nonsense(NONSENSE, seed)]


def everyday_talk() -> list[Example]:
    """Customers' words that a shop's or bank's bot has no business with, zh and en."""
    text = (files("nlu.train") / "everyday.txt").read_text(encoding="utf-8")
    return [Example(line.strip(), "oos") for line in text.splitlines() if line.strip()]


def nonsense(count: int, seed: int) -> list[Example]:
    """Keyboard mash, random characters, digits and symbols; the same for the same seed."""
    rng = random.Random(seed)
    return [Example(_one(rng), "oos") for _ in range(count)]


def _one(rng: random.Random) -> str:
    kind = rng.randrange(5)
    if kind == 0:
        words = ("".join(rng.choices(_KEYS, k=rng.randint(3, 9))) for _ in range(rng.randint(1, 5)))
        return " ".join(words)
    if kind == 1:
        return "".join(chr(rng.randint(0x4E00, 0x8FFF)) for _ in range(rng.randint(2, 12)))
    if kind == 2:
        return "".join(rng.choices("0123456789", k=rng.randint(1, 3)))
    if kind == 3:
        return "".join(rng.choices(_SYMBOLS, k=rng.randint(1, 8)))
    half = "".join(chr(rng.randint(0x4E00, 0x6FFF)) for _ in range(rng.randint(1, 4)))
    return half + "".join(rng.choices(_KEYS, k=rng.randint(2, 8)))


def graded_feelings() -> list[tuple[str, str]]:
    """(text, class) of the sentiment set that ships: ``negative:0.9``, ``neutral``, ..."""
    text = (files("nlu.train") / "sentiment.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [(row["text"], row["sentiment"]) for row in rows]
