#include "kube/core/status_error.hpp"

namespace cadence::kube::core {

StatusError decode_status(const json::Value& status) {
  StatusError out;
  const auto& code = json::at_path(status, {"code"});
  if (code.is_number_integer()) out.code = code.get<int>();
  out.reason = json::string_at(status, {"reason"});
  out.message = json::string_at(status, {"message"});
  for (const auto& cause : json::at_path(status, {"details", "causes"})) {
    if (json::string_at(cause, {"reason"}) == "ResourceVersionTooLarge") out.is_too_large_version = true;
  }
  return out;
}

bool is_expired(const StatusError& error) {
  return error.code == 410 || error.reason == "Expired" || error.reason == "Gone";
}

}  // namespace cadence::kube::core
