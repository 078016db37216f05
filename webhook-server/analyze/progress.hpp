// A line on the terminal that tells how far the work is. Promises: silent unless standard error is a terminal; the line
// is gone when the object is; thread-safe.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

#include "base/clock.hpp"

namespace cadence::analyze {

class Progress {
 public:
  explicit Progress(bool is_shown);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void tell(const std::string& what);  // something without an end in sight
  void advance(std::size_t done, std::size_t all);
  void clear();

  // Standard error is a terminal that can rewrite a line.
  static bool is_possible();

 private:
  void draw(const std::string& line);

  const bool is_shown_;
  std::mutex mutex_;
  bool is_drawn_ = false;
  base::Monotonic last_{};
};

}  // namespace cadence::analyze
