// What `cadence-webhook analyze` was asked to do, as plain values. Knows neither terminals nor repositories.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace cadence::config {

enum class Format { Text, Json, Yaml, Html };
// What stands behind a target: told by its looks unless said outright.
enum class Kind { Auto, Repository, Website };

struct AnalyzeLine {
  std::string target;  // a path or a URL
  Kind kind = Kind::Auto;
  Format format = Format::Text;
  std::string branch, commit;        // of a repository
  std::string output;                // a file; standard output when empty
  std::int64_t threads = 0;          // 0: one for each processor
  std::int64_t rows = 0;             // flagged commits shown in text and html; 0: as many as fit their kind
  std::optional<double> fail_above;  // per cent
  std::string fail_on;               // low, medium or high
  bool is_quiet = false;
};

}  // namespace cadence::config
