// The judgement of a component: True, False or Unknown, one CamelCase reason, a whole sentence. Pure.
#pragma once

#include <string>

#include "cadence/api/status.hpp"

namespace cadence::status {

struct Judgement {
  bool is_ready = false;
  std::string reason, message;
  bool is_final = false;  // nothing is on its way to change it: the spec would have to change
};

}  // namespace cadence::status
