"""Sends traces to a collector, where OpenTelemetry's own environment variables name one.

Read by its SDK: ``OTEL_EXPORTER_OTLP_ENDPOINT``, ``OTEL_EXPORTER_OTLP_HEADERS``,
``OTEL_SERVICE_NAME``, ``OTEL_TRACES_SAMPLER`` and the rest of the standard's list.
"""

from __future__ import annotations

import os
from collections.abc import Callable, MutableMapping
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.environment_variables import (
    OTEL_EXPORTER_OTLP_ENDPOINT,
    OTEL_EXPORTER_OTLP_PROTOCOL,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL,
    OTEL_SDK_DISABLED,
)
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter

SERVICE = "lingxi"
OTEL_TRACES_EXPORTER = "OTEL_TRACES_EXPORTER"
"""Of the standard; the SDK has no name for it."""


def begin_tracing() -> Callable[[], None] | None:
    """Whatever ends it and sends what is left; None where nobody asked for traces."""
    exporter = _exporter()
    if exporter is None:
        return None
    own_name = {} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: SERVICE}
    provider = TracerProvider(resource=Resource.create(own_name))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return provider.shutdown


def _exporter() -> SpanExporter | None:
    asked = os.environ.get(OTEL_TRACES_EXPORTER, "otlp")
    named = OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_TRACES_EXPORTER
    disabled = os.environ.get(OTEL_SDK_DISABLED, "").lower() == "true"
    if disabled or asked == "none" or not any(os.environ.get(name) for name in named):
        return None
    if asked == "console":
        return ConsoleSpanExporter()
    protocol = os.environ.get(OTEL_EXPORTER_OTLP_TRACES_PROTOCOL) or os.environ.get(
        OTEL_EXPORTER_OTLP_PROTOCOL, "http/protobuf"
    )
    if protocol == "grpc":
        from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import (
            OTLPSpanExporter as GrpcExporter,
        )

        return GrpcExporter()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter()


def name_the_trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Any:
    """A processor of logs: which trace and span a line belongs to."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
        event["span_id"] = trace.format_span_id(context.span_id)
    return event
