// Fields that each line of the log has which this thread writes while the object lives: whose work it is does not have
// to be handed through every room. Promises: a field that the line itself has stands once, as the line has it; contexts
// may be nested, the inner one's fields come after the outer one's. Other threads are not concerned.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cadence::base {

using LogContextFields = std::vector<std::pair<std::string, std::string>>;

class LogContext {
 public:
  // Fields that are empty are left out.
  explicit LogContext(LogContextFields fields);
  ~LogContext();
  LogContext(const LogContext&) = delete;
  LogContext& operator=(const LogContext&) = delete;

 private:
  std::size_t before_;
};

// Of this thread, now.
const LogContextFields& log_context();

}  // namespace cadence::base
