// The API server's refusals: metav1.Status, as an answer's body or inside an ERROR event. Pure.
#pragma once

#include <string>

#include "json/value.hpp"

namespace cadence::kube::core {

struct StatusError {
  int code = 0;
  std::string reason, message;
  bool is_too_large_version = false;  // cause ResourceVersionTooLarge: the server's cache is behind what we ask for
};

StatusError decode_status(const json::Value& status);

// The version we wanted to go on from is no longer kept (410, "Expired" or "Gone").
bool is_expired(const StatusError& error);

}  // namespace cadence::kube::core
