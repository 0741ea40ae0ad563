"""A small store and a deterministic embedder for tests of mechanics."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dialogue.knowledge.text import plain, units
from dialogue.knowledge.types import Entry

ENTRIES = (
    Entry(
        id="refund-time",
        questions=("退款多久到账", "钱什么时候退给我", "When will I get my refund?"),
        answers={
            "zh": "收到退货后 1 到 3 个工作日原路退回。",
            "en": "Refunds reach you 1 to 3 working days after we get the parcel.",
        },
        titles={"zh": "退款多久到账", "en": "When will I get my refund?"},
        category="refund",
        keywords=("到账",),
    ),
    Entry(
        id="return-fee",
        questions=("退货运费谁出", "Who pays for return shipping?"),
        answers={"zh": "质量问题由我们承担运费，其他原因由您承担。"},
        titles={"zh": "退货运费谁出", "en": "Who pays for return shipping?"},
        category="refund",
    ),
    Entry(
        id="delivery-time",
        questions=("几天能送到", "How long does delivery take?"),
        answers={"zh": "标准快递 3 到 5 天送达。", "en": "Standard delivery takes 3 to 5 days."},
        titles={"zh": "几天能送到", "en": "How long does delivery take?"},
        category="delivery",
    ),
    Entry(
        id="invoice",
        questions=("怎么开发票", "How do I get an invoice?"),
        answers={"zh": "在订单详情里点“申请开票”。", "en": "Open the order and tap Invoice."},
        titles={"zh": "怎么开发票", "en": "How do I get an invoice?"},
        category="invoice",
    ),
)


class HashingEmbedder:
    """Unit vectors from hashed character pairs: texts that share them are near."""

    width = 64

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.gate: asyncio.Event | None = None

    async def embed(self, texts: Sequence[str], *, passages: bool = False) -> NDArray[np.float32]:
        if self.gate is not None:
            await self.gate.wait()
        self.asked += texts
        return np.stack([self._row(text) for text in texts])

    def _row(self, text: str) -> NDArray[np.float32]:
        row = np.full(self.width, 0.05, dtype=np.float32)
        for gram in units(plain(text)).grams:
            row[int.from_bytes(hashlib.md5(gram.encode()).digest()[:2]) % self.width] += 1
        return (row / np.linalg.norm(row)).astype(np.float32)
