#include "analysis/source/git/records.hpp"

#include <charconv>

namespace cadence::analysis::source {

std::string verdict_record(const git::Oid& current, const git::Oid& previous, const git::Verdict& verdict) {
  if (!verdict.is_readable) return {};
  Packer record;
  record.oid(current);
  record.oid(previous);
  record.number(verdict.counts.additions);
  record.number(verdict.counts.deletions);
  record.number(verdict.counts.files);
  record.number(static_cast<std::uint8_t>(verdict.reasons.size()));
  for (const git::Reason& reason : verdict.reasons) {
    if (reason.text.size() > kLongestText) return {};
    record.number(static_cast<std::uint8_t>(reason.strategy));
    record.text(reason.text);
  }
  return record.take();
}

std::optional<git::Verdict> read_verdict(std::string_view record) {
  Unpacker reader(record);
  git::Verdict verdict{true, {}, {}};
  reader.oid();
  reader.oid();
  verdict.counts.additions = reader.number<std::int64_t>();
  verdict.counts.deletions = reader.number<std::int64_t>();
  verdict.counts.files = reader.number<std::int64_t>();
  for (auto reasons = reader.number<std::uint8_t>(); reasons > 0; --reasons) {
    const auto strategy = reader.number<std::uint8_t>();
    if (strategy >= git::strategies().size()) return std::nullopt;
    verdict.reasons.push_back({strategy, std::string(reader.text())});
  }
  return reader.is_good() ? std::optional(std::move(verdict)) : std::nullopt;
}

std::string options_mark(const git::AnalysisOptions& options) {
  const git::Thresholds& t = options.thresholds;
  std::string mark = options.profile == git::Profile::Corrected ? "corrected" : "upstream";
  const auto add = [&](const auto& value) { mark += " " + std::to_string(value); };
  const auto add_exactly = [&](double value) {
    char buffer[64];
    mark += " " + std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  };
  for (const std::int64_t value : {t.suspicious_additions, t.suspicious_deletions, t.min_time_delta_seconds,
                                   t.max_files_per_commit, t.min_commit_size_ratio})
    add(value);
  for (const double value :
       {t.max_additions_per_min, t.max_deletions_per_min, t.max_addition_ratio, t.min_deletion_ratio})
    add_exactly(value);
  add(t.enable_precision_analysis ? 1 : 0);
  const git::Bounds& b = options.bounds;
  for (const std::uint64_t value :
       {b.max_file_bytes, b.max_line_diff_steps, b.max_diff_lines, b.max_added_bytes, b.max_rename_comparisons,
        b.max_rename_bytes, static_cast<std::uint64_t>(b.max_tree_depth), b.max_listed_bytes}) {
    add(value);
  }
  mark += " on";
  for (const std::uint32_t strategy : git::active_strategies(options)) add(strategy);
  for (const std::string& pattern : options.exclude_files) mark += " " + std::to_string(pattern.size()) + ":" + pattern;
  return mark;
}

}  // namespace cadence::analysis::source
