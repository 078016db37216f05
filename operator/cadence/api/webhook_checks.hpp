// What a webhook server refuses to start with is refused here, where the user reads it with the field's name. The
// bounds are the server's (webhook-server/config); tests/unit/webhook/agreement_test.cpp holds the two together.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cadence/api/spec_webhook.hpp"

namespace cadence::api {

// By which a strategy can be named, those of repositories and of pages.
const std::vector<std::string_view>& strategy_names();

void check_webhook(std::vector<json::FieldError>& errors, const WebhookSpec& webhook);

// Of spec.webhook.api and spec.webhook.links.
void check_reading(std::vector<json::FieldError>& errors, const WebhookSpec& webhook);
// What goes into statuses of git hosts; no user, query or fragment.
inline constexpr const char* kPublicUrlPattern =
    "^(https?://[-._~a-zA-Z0-9:\\[\\]]+(/[-._~a-zA-Z0-9/:%!$&()*+,;=]*)?)?$";
// Of an item of spec.webhook.api.corsOrigins.
inline constexpr const char* kOriginPattern = "^([*]|https?://[-._a-zA-Z0-9:\\[\\]]+)$";

void check_feedback(std::vector<json::FieldError>& errors, const std::vector<Feedback>& entries);
void check_reconcile(std::vector<json::FieldError>& errors, const std::vector<ReconcileDeliveries>& entries,
                     const std::vector<Feedback>& feedback);
void check_tracing(std::vector<json::FieldError>& errors, const WebhookTracing& tracing);
// `scheme`, a host, perhaps a port and a path, and nothing else; what the patterns of such fields say.
bool is_plain_url(std::string_view text, std::string_view scheme);
// Of an item of spec.webhook.feedback[].repositories, and of reconcileDeliveries[].of.
inline constexpr const char* kRepositoryPattern = "^[-._~a-zA-Z0-9]+(/[-._~a-zA-Z0-9]+)*/([-._~a-zA-Z0-9]+|[*])$";

// Durations or sizes, both included.
struct Bounds {
  const char *least, *most;
};
inline constexpr Bounds kAckDeadline{"1s", "60s"}, kCloneTimeout{"1s", "300s"}, kRetention{"1h", "87840h"};
inline constexpr Bounds kCloneBytes{"1", "1Pi"}, kCloneMemory{"64Mi", "1Pi"}, kSpoolBytes{"1Mi", "1Pi"},
    kInFlightBytes{"1Ki", "1Ti"};

// The same as rules of the CRD (CEL), and the sentence of both. The names of strategies are properties there: a rule
// over the keys of a map costs more than the API server allows.
std::string duration_rule(const Bounds& bounds);
std::string size_rule(const Bounds& bounds);
std::string bounds_message(const Bounds& bounds);

}  // namespace cadence::api
