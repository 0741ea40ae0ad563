"""Serves trained models: one queue, batches by token budget, hot swap, metrics."""

from nlu.engine.batcher import EngineMetrics
from nlu.engine.engine import DEFAULT_MODEL, Engine

__all__ = ["DEFAULT_MODEL", "Engine", "EngineMetrics"]
