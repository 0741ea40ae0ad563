"""Serves trained models: one queue, batches by token budget, hot swap, metrics."""

from nlu.engine.engine import Engine
from nlu.types import EngineMetrics

__all__ = ["Engine", "EngineMetrics"]
