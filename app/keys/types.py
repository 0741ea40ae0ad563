"""What a key opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Scope = Literal["chat", "conversations", "nlu", "models", "knowledge:read", "knowledge:write"]
"""chat: talk to the bot as a customer; conversations: read and steer its dialogues; nlu:
understanding and vectors; models: put another trained model in place; knowledge: its entries."""

PREFIX = "lingxi_"
"""Tells a key from other secrets, also to programs that look for leaked ones."""


@dataclass(frozen=True, slots=True)
class KeyIdentity:
    """A program that has shown its key."""

    id: str
    name: str
    scopes: frozenset[str]
