#include "cadence/plan/instance_report.hpp"

#include <charconv>

namespace cadence::plan {

using json::field;

json::Object InstanceReport::json_fields() {
  using R = InstanceReport;
  return {.name = "InstanceReport",
          .fields = {field<&R::role>("role"), field<&R::state>("state"), field<&R::message>("message"), field<&R::blocked>("blocked"),
                     field<&R::timeline>("timeline"), field<&R::lsn>("lsn"), field<&R::receive_lsn>("receive_lsn"), field<&R::replay_lsn>("replay_lsn"),
                     field<&R::is_writable>("is_writable"), field<&R::is_streaming>("is_streaming"), field<&R::is_restart_pending>("is_restart_pending"),
                     field<&R::is_decrease_pending>("is_decrease_pending"), field<&R::config_hash>("config_hash"), field<&R::roles_hash>("roles_hash"),
                     field<&R::disk_free_bytes>("disk_free_bytes"), field<&R::disk_size_bytes>("disk_size_bytes")},
          .rules = {}};
}

std::optional<std::int64_t> lag_of(const InstanceReport& primary, const InstanceReport& standby) {
  const auto written = parse_lsn(primary.lsn), replayed = parse_lsn(standby.replay_lsn);
  if (written == 0 || replayed == 0) return std::nullopt;
  return replayed >= written ? 0 : static_cast<std::int64_t>(written - replayed);
}

std::uint64_t parse_lsn(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return 0;
  const char* end = text.data() + text.size();
  std::uint64_t high = 0, low = 0;
  const auto first = std::from_chars(text.data(), text.data() + slash, high, 16);
  const auto second = std::from_chars(text.data() + slash + 1, end, low, 16);
  const bool is_whole = first.ec == std::errc() && first.ptr == text.data() + slash && second.ec == std::errc() && second.ptr == end;
  return is_whole ? high << 32 | low : 0;
}

}  // namespace cadence::plan
