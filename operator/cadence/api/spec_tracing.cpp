// spec.webhook.tracing: its fields, and what of them a webhook server would refuse to start with.
#include "cadence/api/webhook_checks.hpp"

namespace cadence::api {

using json::field;

namespace {

constexpr const char* kCollectorPattern =
    "^(https?://[a-zA-Z0-9]([-.a-zA-Z0-9]*[a-zA-Z0-9])?(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}))?"
    "(/[-._~a-zA-Z0-9/]*)?)?$";
constexpr const char* kNoEndpoint = "headersSecretRef and caSecretRef go with endpoint: name the collector";
constexpr const char* kNoTls = "caSecretRef is for https: an endpoint of http:// shows no certificate";

}  // namespace

json::Object WebhookTracing::json_fields() {
  return {
      .name = "WebhookTracing",
      .fields = {field<&WebhookTracing::endpoint>(
                     "endpoint",
                     "Collector that takes OTLP over HTTP, as http://otel-collector.observability:4318; /v1/traces is "
                     "put behind it. Spans go there as JSON. Empty: nothing is exported.")
                     .length(0, 512)
                     .pattern(kCollectorPattern),
                 field<&WebhookTracing::headers_secret_ref>(
                     "headersSecretRef",
                     "Headers of each request, as what a collector lets in asks for: NAME=VALUE, each in a line or "
                     "after a comma, values percent-encoded. A change needs no restart."),
                 field<&WebhookTracing::ca_secret_ref>(
                     "caSecretRef", "Certificates (PEM) of authorities that are trusted beside the public ones."),
                 field<&WebhookTracing::sample_ratio>(
                     "sampleRatio",
                     "How many of the traces that begin here are exported, from 0 to 1. Where a sender brings a trace, "
                     "the sender has decided.")
                     .range(0, 1)},
      .rules = {{"size(self.endpoint) > 0 || !(has(self.headersSecretRef) || has(self.caSecretRef))", kNoEndpoint, ""},
                {"!has(self.caSecretRef) || !self.endpoint.startsWith('http://')", kNoTls, ""}}};
}

void check_tracing(std::vector<json::FieldError>& errors, const WebhookTracing& tracing) {
  const auto& endpoint = tracing.endpoint;
  if (endpoint.empty()) {
    if (tracing.headers_secret_ref || tracing.ca_secret_ref) errors.push_back({"spec.webhook.tracing", kNoEndpoint});
    return;
  }
  if (!is_plain_url(endpoint, "https://") && !is_plain_url(endpoint, "http://"))
    errors.push_back(
        {"spec.webhook.tracing.endpoint", "must be an http:// or https:// URL without a user, query or fragment"});
  if (tracing.ca_secret_ref && endpoint.starts_with("http://")) errors.push_back({"spec.webhook.tracing", kNoTls});
}

}  // namespace cadence::api
