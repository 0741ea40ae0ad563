"""Structured logs: one line an event, with ids and never with what people wrote."""

from __future__ import annotations

import logging
import sys

import structlog

from app.config import Settings
from app.tracing import name_the_trace


def configure_logs(settings: Settings) -> None:
    """JSON lines in production, readable lines in development, both to standard error."""
    production = settings.environment == "production"
    processors: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        name_the_trace,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if production:
        processors += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # The default formatter prints local variables: customers' words, after seconds of work.
        processors.append(
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        )
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
