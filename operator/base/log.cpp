#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "base/clock.hpp"
#include "base/log_context.hpp"

namespace cadence::base {
namespace {

std::atomic<LogFormat> current_format{LogFormat::Text};

spdlog::logger& logger() {
  static const auto instance = [] {
    auto made = std::make_shared<spdlog::logger>("cadence", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *instance;
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') out += {'\\', c};
    else if (c == '\n') out += "\\n";
    else if (byte < 0x20) out += fmt::format("\\u{:04x}", byte);
    else out += c;
  }
  return out + "\"";
}

LogContextFields& context_of_this_thread() {
  static thread_local LogContextFields fields;
  return fields;
}

std::string json_field(std::string_view key, std::string_view value) {
  return fmt::format(R"(,{}:{})", quoted(key), quoted(value));
}

std::string text_field(std::string_view key, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \"\n=") == std::string_view::npos;
  return fmt::format(" {}={}", key, plain ? std::string(value) : quoted(value));
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warning:
      return "warn";
    case LogLevel::Error:
      return "error";
  }
  return "error";
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warning:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void set_up_logging(LogLevel level, LogFormat format) {
  current_format = format;
  logger().set_level(spdlog_level(level));
}

void log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  const auto severity = spdlog_level(level);
  if (!logger().should_log(severity)) return;
  const auto time = format_rfc3339_micro(system_clock().wall());
  const bool is_json = current_format.load() == LogFormat::Json;
  const auto write_field = is_json ? json_field : text_field;
  std::string line = is_json
                         ? fmt::format(R"({{"time":"{}","level":"{}","msg":{})", time, name_of(level), quoted(message))
                         : fmt::format("{} {:5} {}", time, name_of(level), message);
  for (const auto& field : fields) line += write_field(field.key, field.value);
  for (const auto& [key, value] : log_context()) {
    const bool is_told = std::any_of(fields.begin(), fields.end(), [&](const auto& field) { return field.key == key; });
    if (!is_told) line += write_field(key, value);
  }
  if (is_json) line += '}';
  logger().log(severity, line);
}

LogContext::LogContext(LogContextFields fields) : before_(context_of_this_thread().size()) {
  std::erase_if(fields, [](const auto& field) { return field.second.empty(); });
  auto& all = context_of_this_thread();
  all.insert(all.end(), std::make_move_iterator(fields.begin()), std::make_move_iterator(fields.end()));
}

LogContext::~LogContext() { context_of_this_thread().resize(before_); }

const LogContextFields& log_context() { return context_of_this_thread(); }

}  // namespace cadence::base
