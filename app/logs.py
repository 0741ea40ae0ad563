"""Structured logs: one line an event, with ids and never with what people wrote."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog

from app.config import Settings
from app.tracing import name_the_trace
from nlu.extract.personal import mask_personal
from nlu.types import PERSONAL_KINDS

OURS = frozenset({"timestamp", "level", "event"})
IDS = frozenset({"conversation", "turn", "message", "agent", "delivery", "trace_id", "span_id"})
"""Made by us; ten digits that stand together in one are nobody's telephone."""


def configure_logs(settings: Settings) -> None:
    """JSON lines in production, readable lines in development, both to standard error."""
    production = settings.environment == "production"
    processors: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        name_the_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Not the console's own formatter: that prints local variables, customers' words.
        structlog.processors.format_exc_info,
        _without_personal,
    ]
    if production:
        processors.append(structlog.processors.JSONRenderer())
    else:
        processors.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        # Looked up for each line: what was standard error then may be closed by now.
        logger_factory=lambda *_names: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    libraries = logging.StreamHandler(sys.stderr)
    libraries.setFormatter(_Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[libraries])


def _masked(text: str) -> str:
    """An exception's text may quote what somebody wrote."""
    return mask_personal(text, PERSONAL_KINDS, lambda kind: f"[{kind}]")


def _without_personal(_logger: Any, _method: str, event: Any) -> Any:
    for name, value in event.items():
        if name not in OURS | IDS and isinstance(value, str):
            event[name] = _masked(value)
    return event


class _Formatter(logging.Formatter):
    """For the lines of libraries, with their tracebacks."""

    def format(self, record: logging.LogRecord) -> str:
        return _masked(super().format(record))
