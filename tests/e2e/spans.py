"""Spans as a collector reads them: by OpenTelemetry's own description of what is sent, not by ours."""
import base64
import os
import pathlib
import sys

CACHE = os.environ.get("CADENCE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "cadence-ha"
)
sys.path.insert(0, os.path.join(CACHE, "opentelemetry-proto"))  # hack/deps fetches it
sys.path.append("/usr/lib/python3/dist-packages")  # and installs protobuf there, whichever python3 this is

from google.protobuf import json_format  # noqa: E402
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest  # noqa: E402
from opentelemetry.proto.trace.v1.trace_pb2 import Span  # noqa: E402


def hex_of(number, digits):
    """OTLP's JSON has ids as hexadecimal, where JSON of protobuf alone would have base64, which was read here."""
    text = base64.b64encode(number).decode()
    assert len(text) in (0, digits) and not text.strip("0123456789abcdef"), text
    return text


def read(request):
    """The spans of one request; whatever the description does not know is an error."""
    parsed = json_format.Parse(request, ExportTraceServiceRequest())
    found = []
    for resource in parsed.resource_spans:
        about = {one.key: one.value.string_value for one in resource.resource.attributes}
        assert about["service.name"] == "cadence-webhook" and about["service.instance.id"], about
        for span in (span for scope in resource.scope_spans for span in scope.spans):
            assert span.start_time_unix_nano <= span.end_time_unix_nano
            assert span.kind != Span.SPAN_KIND_UNSPECIFIED, span
            found.append(
                {
                    "name": span.name,
                    "trace": hex_of(span.trace_id, 32),
                    "id": hex_of(span.span_id, 16),
                    "parent": hex_of(span.parent_span_id, 16),
                    "state": span.trace_state,
                    "end": span.end_time_unix_nano,
                    "error": span.status.message if span.status.code else "",
                    "pod": about["service.instance.id"],
                    "attributes": {one.key: one.value.string_value or one.value.int_value for one in span.attributes},
                }
            )
    return found
