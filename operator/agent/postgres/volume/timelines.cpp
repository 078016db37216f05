#include "agent/postgres/volume/timelines.hpp"

#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>

#include "agent/postgres/volume/files.hpp"
#include "postgres/rules/lease_rules.hpp"

namespace cadence::agent::postgres {
namespace {

// A comment: a history that tells of no parent.
constexpr const char* kPassedOver = "# this number was given to a promotion of which nothing came here\n";
constexpr std::string_view kSuffix = ".history";

std::string path_of(const std::string& data_directory, std::int64_t timeline) {
  char name[32];
  std::snprintf(name, sizeof(name), "%08llX", static_cast<unsigned long long>(timeline));
  return data_directory + "/pg_wal/" + name + std::string(kSuffix);
}

// "0000000A.history"
std::optional<std::int64_t> timeline_in(const std::string& name) {
  if (name.size() != 8 + kSuffix.size() || !name.ends_with(kSuffix)) return std::nullopt;
  std::int64_t out = 0;
  const auto [end, code] = std::from_chars(name.data(), name.data() + 8, out, 16);
  return code == std::errc() && end == name.data() + 8 ? std::optional(out) : std::nullopt;
}

std::set<std::int64_t> timelines_in(const std::string& data_directory) {
  std::set<std::int64_t> out;
  std::error_code code;
  for (std::filesystem::directory_iterator at(data_directory + "/pg_wal", code), end; !code && at != end;
       at.increment(code)) {
    if (const auto timeline = timeline_in(at->path().filename().string())) out.insert(*timeline);
  }
  return out;
}

}  // namespace

std::int64_t newest_timeline(const std::string& data_directory) {
  const auto found = timelines_in(data_directory);
  return found.empty() ? 0 : *found.rbegin();
}

std::vector<rules::LogPoint> history_of(const std::string& data_directory, std::int64_t timeline) {
  const auto text = read_file(path_of(data_directory, timeline));
  return text ? rules::parse_timeline_history(*text) : std::vector<rules::LogPoint>{};
}

base::Result<void> pass_over_timelines(const std::string& data_directory, std::int64_t next) {
  // Without any it is on the first; a copy has no more than its own.
  const auto found = timelines_in(data_directory);
  const auto newest = found.empty() ? 1 : *found.rbegin();
  if (next - newest > rules::kMostPassedOver) {
    return base::Error{base::ErrorKind::Invalid, "the Lease reserves timeline " + std::to_string(next) +
                                                     ", and the newest here is " + std::to_string(newest)};
  }
  for (auto timeline = (found.empty() ? 1 : *found.begin()) + 1; timeline < next; ++timeline) {
    const auto path = path_of(data_directory, timeline);
    if (exists(path)) continue;
    if (auto written = write_file(path, kPassedOver, 0600); !written) return written;
  }
  return {};
}

base::Result<void> tidy_timelines(const std::string& data_directory) {
  const auto found = timelines_in(data_directory);
  for (auto at = found.rbegin(); at != found.rend(); ++at) {
    const auto path = path_of(data_directory, *at);
    const auto text = read_file(path);
    if (!text || *text != kPassedOver) break;
    if (::unlink(path.c_str()) != 0)
      return base::Error{base::ErrorKind::Transient, "Could not remove " + path + ": " + std::strerror(errno)};
  }
  return {};
}

}  // namespace cadence::agent::postgres
