"""Speech under test: a fake engine for mechanics, the real weights for what the product claims."""

from __future__ import annotations

from pathlib import Path

import pytest
from voice_fakes import ToneEngine

from app.config import Settings
from app.voice.convert import prepare_voice


@pytest.fixture
def engine() -> ToneEngine:
    return ToneEngine()


@pytest.fixture(scope="session")
def weights() -> Path:
    """The real neural voice; fetched and converted if this machine has not done it yet."""
    return prepare_voice(Settings().home, lambda line: None)
