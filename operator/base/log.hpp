// Structured logging to standard error: one line a record, JSON or text. Promises: thread-safe, never throws, never
// blocks on a slow reader for longer than the write. Callers pass no secrets; there is no filter here.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>

namespace cadence::base {

enum class LogLevel { Debug, Info, Warning, Error };
enum class LogFormat { Text, Json };

// Called once by main before other threads start; the default is Info, Text.
void set_up_logging(LogLevel level, LogFormat format);

struct LogField {
  std::string_view key;
  std::string value;
  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(v) {}
  LogField(std::string_view k, const char* v) : key(k), value(v) {}
  template <class Number, class = std::enable_if_t<std::is_arithmetic_v<Number>>>
  LogField(std::string_view k, Number v) : key(k), value(std::to_string(v)) {}
};

// Messages follow the Kubernetes habit: capital first letter, no full stop, past tense, object named in the fields.
void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});
inline void log_debug(std::string_view m, std::initializer_list<LogField> f = {}) { log(LogLevel::Debug, m, f); }
inline void log_info(std::string_view m, std::initializer_list<LogField> f = {}) { log(LogLevel::Info, m, f); }
inline void log_warning(std::string_view m, std::initializer_list<LogField> f = {}) { log(LogLevel::Warning, m, f); }
inline void log_error(std::string_view m, std::initializer_list<LogField> f = {}) { log(LogLevel::Error, m, f); }

}  // namespace cadence::base
