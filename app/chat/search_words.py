"""How a message is indexed and asked for: each Chinese character a word, every other run one.

A phrase of such words is a substring, so that 退款 finds 申请退款了吗 whatever a dictionary thinks,
on SQLite's FTS5 as on PostgreSQL's tsvector. Worked example: ``words("退款 A10023!")`` is
``["退", "款", "a10023"]``.
"""

from __future__ import annotations

import re
import unicodedata

RUN = re.compile(
    r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]|[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]+"
)
MAX_WORD_CHARS = 200
"""PostgreSQL takes no word beyond 2 KB."""


def words(text: str) -> list[str]:
    """In the order of the text, folded in case and width."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return [word[:MAX_WORD_CHARS] for word in RUN.findall(folded)]
