"""The few tokens a reply may be made of: those of its sources, in any cut, and no others.

The whole vocabulary has 262,144 tokens; what a passage can support is some hundred of them. That
makes the output layer cheap, and a number, name or link that no source has cannot be written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tokenizers import Tokenizer

MOST_TOKEN_CHARS = 14
"""A longer piece is also cut into shorter tokens."""
_SPACE = "▁"


def ids_of(tokenizer: Tokenizer, tokens: Iterable[str]) -> list[int]:
    """Raises `ValueError` for what is no token."""
    found = {token: tokenizer.token_to_id(token) for token in tokens}
    if missing := [token for token, index in found.items() if index is None]:
        raise ValueError(f"expected a vocabulary with {missing}")
    return [index for index in found.values() if index is not None]


class Vocabulary:
    """Looks up the tokens of a tokenizer that a text contains."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._id_of = tokenizer.token_to_id

    def tokens_of(self, text: str) -> frozenset[int]:
        """Ids of every token that is a piece of `text`, or of it with a word begun otherwise.

        Of ``Ships free`` also ``ships``, ``▁Ships`` and ``▁Free``: a reply cuts its sentences
        elsewhere than its source does.
        """
        found = (self._id_of(piece) for piece in set(_pieces(text.replace(" ", _SPACE))))
        return frozenset(token for token in found if token is not None)


def _pieces(text: str) -> Iterator[str]:
    for start in range(len(text)):
        for end in range(start + 1, min(start + MOST_TOKEN_CHARS, len(text)) + 1):
            piece = text[start:end]
            yield piece
            begins = start == 0 or not text[start - 1].isalpha()
            if begins and piece[0].isascii() and piece[0].isalpha():
                for cased in (piece, piece[0].swapcase() + piece[1:]):
                    yield cased
                    yield _SPACE + cased
