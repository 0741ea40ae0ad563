"""Which encoder serves, and the knowledge's vectors as it made them."""

from __future__ import annotations

import hashlib

from app.config import Settings
from dialogue.knowledge.cache import VectorCache


def encoder_id(settings: Settings) -> str:
    """Tells whose vectors are whose."""
    return hashlib.sha256((settings.encoder_folder / "lingxi.json").read_bytes()).hexdigest()


def stored_vectors(settings: Settings, width: int) -> VectorCache:
    """The knowledge's vectors as this encoder made them, so that a second start makes none."""
    file = settings.nlu_model.parent / "knowledge.npz"
    return VectorCache(file, encoder_id(settings), width)
