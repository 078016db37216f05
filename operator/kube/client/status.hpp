// Reads the Status document with which the API server refuses (metav1.Status), and turns an answer into an Error. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"

namespace cadence::kube::client {

// "Could not apply Service demo/web: <the server's message>"; the kind follows reason and code.
base::Error error_of(const net::Response& answer, const std::string& attempt);
// Retry-After in seconds, or details.retryAfterSeconds of a Status.
std::optional<std::chrono::seconds> retry_after(const net::Response& answer);

}  // namespace cadence::kube::client
