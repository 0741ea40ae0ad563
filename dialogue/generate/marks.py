"""The first token of a tuned model's reply: what kind of reply it is, and from which passage.

Single tokens of the vocabulary, so that one look at the scores settles the kind, with how sure
the model is of it, before a word is written.
"""

from __future__ import annotations

from typing import Literal

ANSWERS = ("①", "②", "③")
"""The reply rests on the passage that bears this number."""
Other = Literal["unknown", "clarify", "human", "polite"]
Kind = Literal["answer"] | Other
OTHERS: dict[str, Other] = {"NONE": "unknown", "ASK": "clarify", "PERSON": "human", "♥": "polite"}
MARKS = (*ANSWERS, *OTHERS)
