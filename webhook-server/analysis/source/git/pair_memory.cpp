#include "analysis/source/git/pair_memory.hpp"

#include <sys/stat.h>

#include <array>
#include <charconv>
#include <cstring>
#include <thread>

namespace cadence::analysis::source {
namespace {

constexpr std::uint64_t kMostBytes = 64ULL << 20;  // about half a million commits
constexpr std::string_view kVerdicts = "verdicts-";
constexpr std::size_t kLongestText = 0xffff;
constexpr std::size_t kLongestMessage = 1000;  // longer ones are read from the repository

// The numbers of one record, in the machine's own byte order.
class Packer {
 public:
  template <class T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void oid(const git::Oid& oid) { bytes_.append(reinterpret_cast<const char*>(oid.bytes.data()), oid.bytes.size()); }
  void text(std::string_view text) {
    number(static_cast<std::uint16_t>(text.size()));
    bytes_ += text;
  }
  // The record with its length before it.
  [[nodiscard]] std::string take() const {
    const auto length = static_cast<std::uint32_t>(bytes_.size());
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + bytes_;
  }

 private:
  std::string bytes_;
};

// Reads what a Packer wrote; after the end everything is zero and is_good() false.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  T number() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (is_good_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  git::Oid oid() {
    const std::string_view bytes = take(20);
    return is_good_ ? git::Oid::from_bytes(bytes.data()) : git::Oid{};
  }
  void skip(std::size_t bytes) { take(bytes); }
  std::string_view text() { return take(number<std::uint16_t>()); }
  std::string_view record() { return take(number<std::uint32_t>()); }
  [[nodiscard]] bool is_good() const { return is_good_; }
  [[nodiscard]] bool is_over() const { return rest_.empty() || !is_good_; }

 private:
  std::string_view take(std::size_t count) {
    is_good_ = is_good_ && count <= rest_.size();
    const std::string_view taken = is_good_ ? rest_.substr(0, count) : std::string_view{};
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

// Another build may judge otherwise; its file is another one.
std::string build_mark() {
  struct stat program {};
  ::stat("/proc/self/exe", &program);
  return std::to_string(program.st_size) + "/" + std::to_string(program.st_mtim.tv_sec) + "." +
         std::to_string(program.st_mtim.tv_nsec);
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

std::string_view key_of(const git::Oid& oid) {
  return {reinterpret_cast<const char*>(oid.bytes.data()), oid.bytes.size()};
}

std::string file_name(const std::string& mark) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : mark) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  char buffer[24];
  return std::string(kVerdicts) + std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, hash, 16).ptr);
}

}  // namespace

PairMemory::PairMemory(const std::filesystem::path& folder, const git::AnalysisOptions& options, unsigned threads)
    : commit_log_(folder / "commits", "commits 1", kMostBytes),
      verdict_log_(folder / file_name(options_mark(options)),
                   "verdicts 1 " + build_mark() + " " + options_mark(options), kMostBytes) {
  std::jthread other;
  if (threads > 1) other = std::jthread([this] { commits_.take(commit_log_); });
  else commits_.take(commit_log_);
  verdicts_.take(verdict_log_);
}

std::uint32_t PairMemory::Records::hash_of(std::string_view key) {
  const git::Oid first = git::Oid::from_bytes(key.data());
  return key.size() == sizeof(git::Oid) ? git::place_hash(first)
                                        : git::place_hash(first, git::Oid::from_bytes(key.data() + sizeof(git::Oid)));
}

// Of records that come twice the first counts.
void PairMemory::Records::take(CheckedLog& log) {
  for (const std::string_view block : log.load()) {
    for (Unpacker rest(block); !rest.is_over();) {
      const std::string_view record = rest.record();
      if (!rest.is_good() || record.size() < key_) continue;
      const std::string_view key = record.substr(0, key_);
      const auto is_same = [&](std::uint32_t place) { return records_[place].starts_with(key); };
      if (places_.add(hash_of(key), static_cast<std::uint32_t>(records_.size()), is_same)) records_.push_back(record);
    }
  }
}

std::optional<std::string_view> PairMemory::Records::find(std::string_view key) {
  constexpr std::size_t kNear = 8;
  for (std::size_t place = next_; place < std::min(next_ + kNear, records_.size()); ++place) {
    if (!records_[place].starts_with(key)) continue;
    next_ = place + 1;
    return records_[place];
  }
  const auto place = places_.find(hash_of(key), [&](std::uint32_t other) { return records_[other].starts_with(key); });
  if (!place) return std::nullopt;
  next_ = *place + 1;
  return records_[*place];
}

bool PairMemory::recall(const git::Oid& oid, git::Commit& commit) {
  const auto record = commits_.find(key_of(oid));
  if (!record) return false;
  Unpacker reader(*record);
  reader.oid();
  commit.tree = reader.oid();
  commit.time = reader.number<std::int64_t>();
  commit.parents.clear();
  for (auto parents = reader.number<std::uint16_t>(); parents > 0 && reader.is_good(); --parents)
    commit.parents.push_back(reader.oid());
  commit.author = reader.text();
  return reader.is_good();
}

std::optional<std::string> PairMemory::message(const git::Oid& oid) {
  const auto record = commits_.find(key_of(oid));
  if (!record) return std::nullopt;
  Unpacker reader(*record);
  reader.skip(20 + 20 + sizeof(std::int64_t));
  reader.skip(reader.number<std::uint16_t>() * std::size_t{20});
  reader.text();
  const std::string_view message = reader.text();  // after the end of the record when it was too long
  return reader.is_good() ? std::optional(std::string(message)) : std::nullopt;
}

void PairMemory::learn(const git::Oid& oid, const git::Commit& commit) {
  if (commit.parents.size() > kLongestText || commit.author.size() > kLongestText) return;
  Packer record;
  record.oid(oid);
  record.oid(commit.tree);
  record.number(commit.time);
  record.number(static_cast<std::uint16_t>(commit.parents.size()));
  for (const git::Oid& parent : commit.parents) record.oid(parent);
  record.text(commit.author);
  if (commit.message.size() <= kLongestMessage) record.text(commit.message);
  new_commits_ += record.take();
}

std::optional<git::Verdict> PairMemory::verdict(const git::Oid& current, const git::Oid& previous) {
  const std::array<git::Oid, 2> key{current, previous};
  const auto record = verdicts_.find({reinterpret_cast<const char*>(key.data()), sizeof key});
  if (!record) return std::nullopt;
  Unpacker reader(*record);
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

void PairMemory::learn(const git::Oid& current, const git::Oid& previous, const git::Verdict& verdict) {
  if (!verdict.is_readable) return;
  Packer record;
  record.oid(current);
  record.oid(previous);
  record.number(verdict.counts.additions);
  record.number(verdict.counts.deletions);
  record.number(verdict.counts.files);
  record.number(static_cast<std::uint8_t>(verdict.reasons.size()));
  for (const git::Reason& reason : verdict.reasons) {
    if (reason.text.size() > kLongestText) return;
    record.number(static_cast<std::uint8_t>(reason.strategy));
    record.text(reason.text);
  }
  new_verdicts_ += record.take();
}

// Those of options that count no more.
void PairMemory::remove_other_verdicts() const {
  std::error_code error;
  for (std::filesystem::directory_iterator file(verdict_log_.path().parent_path(), error), end; !error && file != end;
       file.increment(error)) {
    std::error_code ignored;
    if (file->path().filename().string().starts_with(kVerdicts) && file->path() != verdict_log_.path())
      std::filesystem::remove(file->path(), ignored);
  }
}

void PairMemory::save() {
  remove_other_verdicts();
  if (!new_commits_.empty()) commit_log_.append(std::exchange(new_commits_, {}));
  if (!new_verdicts_.empty()) verdict_log_.append(std::exchange(new_verdicts_, {}));
}

}  // namespace cadence::analysis::source
