"""Cuts words into the pieces that are synthesised one by one, the first one short."""

from __future__ import annotations

import re
from dataclasses import dataclass

SENTENCE = re.compile(r"(?<=[。！？!?；;…])(?=[^。！？!?；;…”’」』）)])|(?<=\.)(?=\s)|\n+")
CLAUSE = re.compile(r"(?<=[，、：,:])|(?<=——)")
SPACE = re.compile(r"(?<=\s)")

FIRST_PIECE_WEIGHT = 14
"""A longer first sentence is cut at its first comma, so that speech starts sooner."""
SHORTEST_WEIGHT = 8
"""Shorter pieces are said with odd melody: they join their neighbour."""
PIECE_WEIGHT = 90
"""About 12 s of speech. Longer pieces are heard later and cost memory; Kokoro takes 510 ids."""


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    pause_s: float
    """Silence after it."""


def weight(text: str) -> float:
    """How long a text takes to say, in Chinese characters: a Latin letter is a third of one."""
    return sum(1.0 if ord(char) > 0x2E80 else 0.34 for char in text)


def cut(text: str) -> list[Piece]:
    """Pieces by sentence; long ones by clause, then by blank, then anywhere.

    ``您好，您的订单已经发货了，预计明天送达。请留意电话。`` -> three pieces.
    """
    sentences = [part for part in _split(SENTENCE, text) if part.strip()]
    if sentences and weight(sentences[0]) > FIRST_PIECE_WEIGHT:
        sentences[:1] = _first_clause(sentences[0])
    short = [part for sentence in sentences for part in _shorten(sentence)]
    joined = _join(short)
    return [
        Piece(part.strip(), 0.0 if n + 1 == len(joined) else pause_after(part))
        for n, part in enumerate(joined)
    ]


def pause_after(text: str) -> float:
    """Seconds of silence that a piece's last mark asks for."""
    match text.rstrip(" \n”’」』）)\"'")[-1:]:
        case "。" | "." | "！" | "!" | "？" | "?" | "…":
            return 0.32
        case "；" | ";" | "：" | ":":
            return 0.25
        case "，" | "," | "、" | "—":
            return 0.12
    return 0.25 if text.endswith("\n") else 0.05


def _split(boundary: re.Pattern[str], text: str) -> list[str]:
    return [part for part in boundary.split(text) if part]


def _first_clause(sentence: str) -> list[str]:
    clauses = _split(CLAUSE, sentence)
    head = ""
    for n, clause in enumerate(clauses[:-1]):
        head += clause
        if weight(head) >= SHORTEST_WEIGHT:
            return [head, "".join(clauses[n + 1 :])]
    return [sentence]


def _shorten(sentence: str) -> list[str]:
    parts = [sentence]
    for boundary in (CLAUSE, SPACE):
        parts = [
            piece
            for part in parts
            for piece in (_pack(_split(boundary, part)) if weight(part) > PIECE_WEIGHT else [part])
        ]
    size = PIECE_WEIGHT
    return [
        part[n : n + size]
        for part in parts
        for n in range(0, len(part), size if weight(part) > PIECE_WEIGHT else len(part))
    ]


def _pack(parts: list[str]) -> list[str]:
    packed: list[str] = []
    for part in parts:
        if packed and weight(packed[-1]) + weight(part) <= PIECE_WEIGHT:
            packed[-1] += part
        else:
            packed.append(part)
    return packed


def _join(parts: list[str]) -> list[str]:
    """Pieces too short to sound right are said with the piece before, or else after, them."""
    joined: list[str] = []
    for part in parts:
        lone = joined and (weight(part) < SHORTEST_WEIGHT or weight(joined[-1]) < SHORTEST_WEIGHT)
        if lone and weight(joined[-1]) + weight(part) <= PIECE_WEIGHT:
            joined[-1] = (
                f"{joined[-1].rstrip()} {part}" if part[:1].isascii() else joined[-1] + part
            )
        else:
            joined.append(part)
    return joined
