#include "base/log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>

#include "base/clock.hpp"

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
  std::string line;
  if (current_format.load() == LogFormat::Json) {
    line = fmt::format(R"({{"time":"{}","level":"{}","msg":{})", time, name_of(level), quoted(message));
    for (const auto& field : fields) line += fmt::format(R"(,{}:{})", quoted(field.key), quoted(field.value));
    line += '}';
  } else {
    line = fmt::format("{} {:5} {}", time, name_of(level), message);
    for (const auto& field : fields) {
      const bool plain = !field.value.empty() && field.value.find_first_of(" \"\n=") == std::string::npos;
      line += fmt::format(" {}={}", field.key, plain ? field.value : quoted(field.value));
    }
  }
  logger().log(severity, line);
}

}  // namespace cadence::base
