#include "analysis/source/git/pair_memory.hpp"

#include <sys/stat.h>

#include <array>
#include <charconv>
#include <thread>

#include "analysis/source/git/records.hpp"

namespace cadence::analysis::source {
namespace {

constexpr std::uint64_t kMostBytes = 64ULL << 20;  // about half a million commits
constexpr std::string_view kVerdicts = "verdicts-";
constexpr std::size_t kLongestMessage = 1000;  // longer ones are read from the repository

// Another build may judge otherwise; its file is another one.
std::string build_mark() {
  struct stat program {};
  ::stat("/proc/self/exe", &program);
  return std::to_string(program.st_size) + "/" + std::to_string(program.st_mtim.tv_sec) + "." +
         std::to_string(program.st_mtim.tv_nsec);
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
  return record ? read_verdict(*record) : std::nullopt;
}

void PairMemory::learn(const git::Oid& current, const git::Oid& previous, const git::Verdict& verdict) {
  new_verdicts_ += verdict_record(current, previous, verdict);
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
