"""Serves trained models: one queue, batches by token budget, hot swap, metrics."""

from nlu.engine.batcher import EngineMetrics
from nlu.engine.engine import Engine

__all__ = ["Engine", "EngineMetrics"]
