"""Spans of OpenTelemetry: one for each step of whatever is traced, none where nothing is.

What stands in a span leaves the house: ids, names of actions and routes, figures; never what
people wrote, and of an exception its type alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.util.types import AttributeValue

tracer = trace.get_tracer("lingxi")


@contextmanager
def span(
    name: str, kind: SpanKind = SpanKind.INTERNAL, **attributes: AttributeValue
) -> Iterator[Span]:
    """A step inside what is traced; where nothing is, a span that keeps nothing."""
    if not trace.get_current_span().get_span_context().is_valid:
        yield trace.INVALID_SPAN
        return
    with _current(name, kind, None, attributes) as current:
        yield current


@contextmanager
def root_span(
    name: str, cause: Context | None = None, **attributes: AttributeValue
) -> Iterator[Span]:
    """Where a trace begins, or goes on from the `cause` that was noted elsewhere."""
    with _current(name, SpanKind.SERVER, cause or Context(), attributes) as current:
        yield current


@contextmanager
def _current(
    name: str, kind: SpanKind, context: Context | None, attributes: dict[str, AttributeValue]
) -> Iterator[Span]:
    named = {f"lingxi.{key}": value for key, value in attributes.items()}
    with tracer.start_as_current_span(
        name,
        context,
        kind,
        named,
        record_exception=False,  # its words may be a customer's
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except Exception as error:
            current.set_status(StatusCode.ERROR, type(error).__name__)
            raise
