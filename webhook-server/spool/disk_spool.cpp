#include "spool/disk_spool.hpp"

#include <algorithm>
#include <cstdio>

#include "base/log.hpp"
#include "base/text.hpp"
#include "spool/records.hpp"

namespace cadence::spool {

using base::Error;
using base::ErrorKind;
using base::Result;
using queue::Delivery;
using queue::SpoolBatch;

namespace {

const std::string kWhole = ".spool", kUnfinished = ".tmp", kAside = ".aside";
constexpr std::size_t kMostTogether = 1 << 20;  // a file is read whole
constexpr std::size_t kLongestFile = 8 << 20;
constexpr std::size_t kStampDigits = 17, kCountDigits = 5;

// STAMP-COUNT: microseconds since 1970, made to ascend, and how many deliveries.
struct Name {
  std::int64_t stamp = 0, count = 0;
};

std::optional<Name> parse_name(std::string_view stem) {
  if (stem.size() != kStampDigits + 1 + kCountDigits || stem[kStampDigits] != '-') return std::nullopt;
  const auto stamp = base::parse_integer(stem.substr(0, kStampDigits));
  const auto count = base::parse_integer(stem.substr(kStampDigits + 1));
  if (!stamp || !count || *stamp < 0 || *count < 1) return std::nullopt;
  return Name{*stamp, *count};
}

// Whole blocks: a disk counts so, and a file of one delivery is mostly one block.
std::int64_t on_disk(std::size_t bytes) {
  constexpr std::size_t kBlock = 4096;
  return static_cast<std::int64_t>((bytes + kBlock - 1) / kBlock * kBlock);
}

std::string name_of(const Name& name) {
  char text[64];
  std::snprintf(text, sizeof text, "%0*lld-%0*lld", static_cast<int>(kStampDigits), static_cast<long long>(name.stamp),
                static_cast<int>(kCountDigits), static_cast<long long>(name.count));
  return text;
}

}  // namespace

Result<std::unique_ptr<DiskSpool>> DiskSpool::open(std::unique_ptr<Files> files, std::int64_t most_bytes,
                                                   const base::Clock& clock) {
  std::unique_ptr<DiskSpool> spool(new DiskSpool(std::move(files), most_bytes, clock));
  if (auto looked = spool->look(); !looked) return looked.error();
  return spool;
}

Result<void> DiskSpool::look() {
  const auto found = files_->list();
  if (!found) return found.error();
  for (const auto& file : *found) {
    const auto dot = std::min(file.name.find('.'), file.name.size());
    const auto stem = file.name.substr(0, dot), ending = file.name.substr(dot);
    const auto name = parse_name(stem);
    if (!name || (ending != kWhole && ending != kAside && ending != kUnfinished)) {
      base::log_warning("A file in the spool's folder is not of the spool and was left alone", {{"file", file.name}});
      continue;
    }
    last_stamp_ = std::max(last_stamp_, name->stamp);
    if (ending == kUnfinished) {
      if (auto removed = files_->remove(file.name); !removed)
        base::log_warning("A file that was never finished stays", {{"error", removed.error().message}});
      continue;
    }
    const auto bytes = on_disk(static_cast<std::size_t>(file.bytes));
    bytes_ += bytes;
    if (ending == kAside) {
      ++aside_;
      continue;
    }
    kept_[stem] = {bytes, name->count, base::Wall(std::chrono::microseconds(name->stamp))};
    entries_ += name->count;
  }
  if (aside_ > 0) base::log_warning("Files of the spool lie set aside (*.aside)", {{"count", aside_}});
  if (entries_ > 0) base::log_info("Found spooled deliveries", {{"count", entries_}, {"bytes", bytes_}});
  return base::ok();
}

// Counts the bytes, too: who fails gives them back.
Result<std::string> DiskSpool::next_name(std::size_t count, std::int64_t bytes) {
  std::lock_guard lock(mutex_);
  if (bytes_ + bytes > most_bytes_)
    return Error{ErrorKind::Transient, "The spool is full: it holds " + std::to_string(bytes_) + " of " +
                                           std::to_string(most_bytes_) + " bytes"};
  bytes_ += bytes;
  last_stamp_ = std::max<std::int64_t>(last_stamp_ + 1, clock_.wall().time_since_epoch().count());
  return name_of({last_stamp_, static_cast<std::int64_t>(count)});
}

Result<void> DiskSpool::write(const std::string& bytes, const std::string& name, const std::string& ending) {
  const auto unfinished = name + kUnfinished;
  auto file = files_->create(unfinished);
  if (!file) return file.error();
  auto done = files_->write(*file, bytes);
  if (done) done = files_->sync(*file);
  files_->close(*file);
  if (done) done = files_->rename(unfinished, name + ending);
  const bool is_named = done.is_ok();
  if (done) done = files_->sync_folder();
  // Nobody was told that it is kept. Should it stay all the same, it becomes a job that the sender's repeat finds.
  if (!done) (void)files_->remove(is_named ? name + ending : unfinished);
  return done;
}

Result<std::size_t> DiskSpool::keep(std::span<const Delivery> deliveries) {
  std::string bytes(kFirstLine);
  std::size_t count = 0;
  const std::size_t most = std::min<std::size_t>(deliveries.size(), 99999);
  while (count < most && (count == 0 || bytes.size() < kMostTogether)) bytes += record_of(deliveries[count++]);
  if (bytes.size() > kLongestFile) return Error{ErrorKind::Invalid, "A delivery is too large to be spooled"};
  const auto size = on_disk(bytes.size());
  const auto name = next_name(count, size);
  if (!name) return name.error();
  const auto written = write(bytes, *name, kWhole);
  std::lock_guard lock(mutex_);
  if (!written) {
    bytes_ -= size;
    return written.error();
  }
  const auto stamp = parse_name(*name)->stamp;
  kept_[*name] = {size, static_cast<std::int64_t>(count), base::Wall(std::chrono::microseconds(stamp))};
  entries_ += static_cast<std::int64_t>(count);
  return count;
}

Result<std::optional<SpoolBatch>> DiskSpool::oldest() {
  for (;;) {
    SpoolBatch batch;
    Kept kept;
    {
      std::lock_guard lock(mutex_);
      if (kept_.empty()) return std::optional<SpoolBatch>();
      batch.name = kept_.begin()->first;
      kept = kept_.begin()->second;
    }
    auto bytes = files_->read(batch.name + kWhole, kLongestFile);
    if (bytes) {
      auto records = read_records(*bytes, static_cast<std::size_t>(kept.count));
      batch.deliveries = std::move(records.deliveries);
      batch.damage = std::move(records.damage);
    } else if (bytes.error().kind == ErrorKind::Transient) {
      return bytes.error();
    } else {
      batch.damage = bytes.error().message;
    }
    if (!batch.deliveries.empty() || batch.damage.empty()) return std::optional(std::move(batch));
    if (auto moved = set_aside(batch, {}); !moved)
      base::log_error("A damaged file of the spool stays in its place", {{"error", moved.error().message}});
  }
}

void DiskSpool::forget(const std::string& name) {
  std::lock_guard lock(mutex_);
  const auto kept = kept_.find(name);
  if (kept == kept_.end()) return;
  entries_ -= kept->second.count;
  bytes_ -= kept->second.bytes;
  kept_.erase(kept);
}

void DiskSpool::drop(const SpoolBatch& batch) {
  forget(batch.name);
  done_.insert(batch.name);
  for (const auto& name : std::set(done_)) {
    auto removed = files_->remove(name + kWhole);
    if (removed) done_.erase(name);
    else base::log_warning("A spooled file is in the job store and stays", {{"error", removed.error().message}});
  }
}

void DiskSpool::note_aside(const std::string& name, std::int64_t bytes, const std::string& why) {
  {
    std::lock_guard lock(mutex_);
    ++aside_;
    bytes_ += bytes;
  }
  base::log_error("A file of the spool was set aside", {{"file", name + kAside}, {"why", why}});
}

Result<void> DiskSpool::set_aside(const SpoolBatch& batch, std::span<const Delivery> refused) {
  if (!batch.damage.empty()) {
    std::int64_t bytes = 0;
    {
      std::lock_guard lock(mutex_);
      bytes = kept_[batch.name].bytes;
    }
    // Out of the way in any case: what cannot be moved is met again at the next start.
    const auto moved = files_->rename(batch.name + kWhole, batch.name + kAside);
    forget(batch.name);
    if (!moved) return moved;
    note_aside(batch.name, bytes, batch.damage);
    return base::ok();
  }
  std::string bytes(kFirstLine);
  for (const auto& delivery : refused) bytes += record_of(delivery);
  // Under the name of its own count; where there is no room for it, there is when the whole file is gone.
  const auto name = name_of({parse_name(batch.name)->stamp, static_cast<std::int64_t>(refused.size())});
  if (auto written = write(bytes, name, kAside); !written) return written;
  note_aside(name, on_disk(bytes.size()), "the job store refuses what is in it");
  drop(batch);
  return base::ok();
}

queue::SpoolState DiskSpool::state() const {
  std::lock_guard lock(mutex_);
  queue::SpoolState state{entries_, bytes_, aside_};
  if (!kept_.empty()) state.oldest = kept_.begin()->second.since;
  return state;
}

}  // namespace cadence::spool
