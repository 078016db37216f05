// Label and field selectors as a list or a watch names them in its query. Pure. Field selectors compare any member by
// its path; unknown operators select nothing.
#pragma once

#include <string>

#include "json/value.hpp"

namespace cadence::kube::testing {

struct Selectors {
  std::string labels, fields;
  [[nodiscard]] bool takes(const json::Value& object) const;
};

// {"matchLabels": …} of a workload; expressions are not understood and select nothing.
bool matches(const json::Value& label_selector, const json::Value& object);

}  // namespace cadence::kube::testing
