#include "base/result.hpp"

namespace cadence::base {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Transient:
      return "Transient";
    case ErrorKind::Conflict:
      return "Conflict";
    case ErrorKind::NotFound:
      return "NotFound";
    case ErrorKind::Invalid:
      return "Invalid";
    case ErrorKind::Forbidden:
      return "Forbidden";
    case ErrorKind::Canceled:
      return "Canceled";
    case ErrorKind::Bug:
      return "Bug";
  }
  return "Bug";
}

Error Error::with_context(std::string_view context) const { return {kind, std::string(context) + ": " + message}; }

}  // namespace cadence::base
