#include "base/clock.hpp"

#include <condition_variable>
#include <cstdio>
#include <ctime>
#include <mutex>

namespace cadence::base {
namespace {

class SystemClock final : public Clock {
 public:
  Monotonic monotonic() const override { return std::chrono::steady_clock::now(); }
  Wall wall() const override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
};

std::chrono::nanoseconds since_boot() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

class BootClock final : public Clock {
 public:
  Monotonic monotonic() const override { return Monotonic{since_boot()}; }
  Wall wall() const override { return system_clock().wall(); }
};

std::string format(Wall time, bool with_micros) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t unix_seconds = seconds.time_since_epoch().count();
  std::tm parts{};
  gmtime_r(&unix_seconds, &parts);
  char text[64];
  const auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::string out(text, length);
  if (with_micros) {
    std::snprintf(text, sizeof text, ".%06d", static_cast<int>((time - seconds).count()));
    out += text;
  }
  return out + "Z";
}

}  // namespace

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

const Clock& boot_clock() {
  static const BootClock clock;
  return clock;
}

std::chrono::milliseconds boot_time() { return std::chrono::duration_cast<std::chrono::milliseconds>(since_boot()); }

bool wait_for(std::stop_token stop, std::chrono::nanoseconds duration) {
  std::mutex mutex;
  std::condition_variable_any changed;
  std::unique_lock lock(mutex);
  changed.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

std::string format_rfc3339(Wall time) { return format(time, false); }
std::string format_rfc3339_micro(Wall time) { return format(time, true); }

Wall parse_rfc3339(const std::string& text) {
  std::tm parts{};
  int consumed = 0;
  if (std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday,
                  &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &consumed) != 6) {
    return {};
  }
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  Wall time{std::chrono::seconds(timegm(&parts))};
  auto position = static_cast<std::size_t>(consumed);
  if (position < text.size() && text[position] == '.') {
    std::int64_t scale = 100000;
    for (++position; position < text.size() && text[position] >= '0' && text[position] <= '9';
         ++position, scale /= 10) {
      time += std::chrono::microseconds((text[position] - '0') * scale);
    }
  }
  int hours = 0;
  int minutes = 0;
  if (position < text.size() && (text[position] == '+' || text[position] == '-') &&
      std::sscanf(text.c_str() + position + 1, "%2d:%2d", &hours, &minutes) == 2) {
    const auto offset = std::chrono::hours(hours) + std::chrono::minutes(minutes);
    time += text[position] == '+' ? -offset : offset;
  }
  return time;
}

}  // namespace cadence::base
