"""What lint finds among questions whose vectors we choose, and that thousands alike are soon told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from app.faq.lint import Embed, lint
from app.faq.schemas.entries import Content

WIDTH = 32
MOMENT = datetime(2026, 11, 26, tzinfo=UTC)


def content(*questions: str, answer: str = "Yes.") -> Content:
    return Content.model_validate(
        {
            "questions": {"en": list(questions)},
            "answers": [{"language": "en", "text": answer}],
        }
    )


def by_kind(kinds: dict[str, int]) -> Embed:
    """Texts of one kind lie close together, those of two kinds far apart."""
    seeded = np.random.default_rng(7)
    middles = seeded.normal(size=(max(kinds.values()) + 1, WIDTH))

    async def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        rows = middles[[kinds[text] for text in texts]]
        rows = rows + 0.02 * seeded.normal(size=rows.shape)
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit.astype(np.float32)

    return embed


def test_a_near_miss_is_told_once_with_a_wording_that_is_apart() -> None:
    kinds = {"buy a card": 0, "purchase a voucher": 1, "use a card": 0, "open today": 2, "lost": 3}
    contents = {
        "buy": content("buy a card", "purchase a voucher"),
        "use": content("use a card"),
        "open": content("open today"),
        "lost": content("lost"),
    }
    found = asyncio.run(lint(contents, by_kind(kinds), MOMENT))
    assert [(one.code, one.entry_id, one.fields["other"]) for one in found] == [
        ("near_miss", "use", "buy")
    ]


def test_thousands_that_are_alike_are_each_told_of_their_nearest_alone() -> None:
    kinds = {f"how do I change order {number}": number % 5 for number in range(1_500)}
    contents = {f"order-{n}": content(text, answer=f"{n}.") for n, text in enumerate(kinds)}
    found = asyncio.run(lint(contents, by_kind(kinds), MOMENT))
    assert {one.code for one in found} == {"numbers"}
    assert (
        len({one.entry_id for one in found}) + len({one.fields["other"] for one in found}) >= 1_500
    )
    assert len(found) <= 3 * len(contents)
