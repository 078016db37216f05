#include "cache/shared_cache.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "files/files.hpp"
#include "net/names.hpp"

namespace cadence::cache {
namespace {

using base::Error;
using base::ErrorKind;
using redis::Reply;
using redis::Request;
using std::chrono::milliseconds;

// Blocks; an answer to the few tells whether to ask for many.
constexpr std::size_t kFirstBatch = 4, kLargestBatch = 64;
constexpr std::size_t kMostKept = 65536;
constexpr int kOutage = 3;                   // look-ups in a row without an answer; one late answer is nothing to tell
constexpr std::chrono::hours kKeepAgain{1};  // what is in use never reaches its end
constexpr std::chrono::seconds kGenerationAge{5};
constexpr milliseconds kAdministration{1000};

redis::Limits within(milliseconds bound) { return {base::system_clock().monotonic() + bound}; }

base::Result<redis::Credentials> read_credentials(const CacheOptions& options) {
  if (options.password_file.empty()) return redis::Credentials{};
  auto password = files::read_secret(options.password_file);
  if (!password || password->empty())
    return Error{ErrorKind::Forbidden, "redis.password_file " + options.password_file + " is missing or empty"};
  return redis::Credentials{options.user, std::move(*password)};
}

std::vector<std::string> look_up(const std::string& host, const redis::Limits& limits) {
  auto found = net::addresses_of(host, limits.deadline, limits.stop);
  return found ? std::move(*found) : std::vector<std::string>();
}

redis::cluster::ClientOptions client_options(const CacheOptions& options) {
  redis::cluster::ClientOptions out;
  out.seeds = options.seeds;
  out.credentials = [options] { return read_credentials(options); };
  out.resolve = look_up;
  return out;
}

std::int64_t number_after(const std::string& text, std::string_view name) {
  const auto at = text.find(name);
  if (at == std::string::npos) return 0;
  const auto rest = std::string_view(text).substr(at + name.size());
  return base::parse_integer(rest.substr(0, rest.find_first_of("\r\n"))).value_or(0);
}

}  // namespace

SharedCache::SharedCache(CacheOptions options)
    : options_(std::move(options)), client_(client_options(options_)), deferred_(client_) {}

std::string SharedCache::name_of(const std::string& generation, const std::string& key) const {
  return kPrefix + ("v:" + generation) + ":" + key;
}

// Whoever clears the cache gives it another name, so that nobody has to look for what is in it. Nothing while it is not
// known.
std::optional<std::string> SharedCache::generation() {
  {
    std::lock_guard lock(mutex_);
    const auto age = base::system_clock().monotonic() - generation_read_at_;
    if (generation_ && age < kGenerationAge) return generation_;
  }
  const auto reply = std::move(
      client_.ask(std::vector<Request>{{"GET", kPrefix + std::string("generation")}}, within(options_.patience))
          .front());
  note(reply.is_ok());
  std::lock_guard lock(mutex_);
  if (!reply) {
    ++errors_;
    return std::nullopt;
  }
  auto now = reply->kind == Reply::Kind::Text ? reply->text : "0";
  if (generation_ && *generation_ != now) kept_.clear(), order_.clear();
  generation_ = std::move(now);
  generation_read_at_ = base::system_clock().monotonic();
  return generation_;
}

// A few first: only where these come in time are more asked for, and then for no longer than it would take to do
// without them.
void SharedCache::find(std::span<const std::string> keys, milliseconds worth, const Found& found) {
  const auto name = generation();
  if (!name) return;
  std::size_t batch = kFirstBatch;
  for (std::size_t first = 0; first < keys.size();) {
    const auto some = keys.subspan(first, std::min(batch, keys.size() - first));
    const auto share = worth * static_cast<std::int64_t>(some.size()) / static_cast<std::int64_t>(keys.size()) / 2;
    const auto limit = first == 0 ? options_.patience : std::max(options_.patience, share);
    if (!find_some(some, first, *name, limit, found)) return;
    first += some.size();
    batch = std::min(batch * 4, kLargestBatch);
  }
}

bool SharedCache::find_some(std::span<const std::string> keys, std::size_t first, const std::string& generation,
                            milliseconds limit, const Found& found) {
  std::vector<Request> requests;
  requests.reserve(keys.size());
  for (const auto& key : keys) requests.push_back({"GET", name_of(generation, key)});
  const auto replies = client_.ask(requests, within(limit));
  std::uint64_t hits = 0, misses = 0, errors = 0;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    const auto& reply = replies[i];
    const bool is_there = reply && reply->kind == Reply::Kind::Text;
    if (is_there) found(first + i, reply->text);
    ++(is_there ? hits : reply ? misses : errors);
  }
  std::lock_guard lock(mutex_);
  hits_ += hits;
  misses_ += misses;
  errors_ += errors;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i] && replies[i]->kind == Reply::Kind::Nil) kept_.erase(keys[i]);  // evicted, or lost
  }
  return errors == 0;
}

bool SharedCache::wants(const std::string& key, std::uint64_t state) {
  std::lock_guard lock(mutex_);
  if (!generation_ || failures_ >= kOutage) return false;
  const auto known = kept_.find(key);
  return known == kept_.end() || known->second.state != state ||
         base::system_clock().monotonic() - known->second.at > kKeepAgain;
}

void SharedCache::keep(const std::string& key, std::uint64_t state, std::string block) {
  std::string name;
  {
    std::lock_guard lock(mutex_);
    if (!generation_) return;
    name = name_of(*generation_, key);
    if (kept_.insert_or_assign(key, Kept{state, base::system_clock().monotonic()}).second) order_.push_back(key);
    while (order_.size() > kMostKept) {
      kept_.erase(order_.front());
      order_.pop_front();
    }
  }
  deferred_.add({"SET", std::move(name), std::move(block), "EX", ends_in()});
}

// What was stored together must not end together.
std::string SharedCache::ends_in() {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.lifetime).count();
  static thread_local std::mt19937_64 random(std::random_device{}());
  return std::to_string(std::uniform_int_distribution<std::int64_t>(seconds * 9 / 10, seconds)(random));
}

void SharedCache::note(bool is_well) {
  int before = 0;
  {
    std::lock_guard lock(mutex_);
    before = std::exchange(failures_, is_well ? 0 : std::min(failures_ + 1, kOutage));
  }
  if (is_well && before == kOutage) base::log_info("The shared cache answers again");
  if (is_well || before != kOutage - 1) return;
  const auto trouble = client_.counts().trouble;
  base::log_warning("The shared cache does not answer; everything goes on without it",
                    {{"error", trouble.empty() ? "no answer in time" : trouble}});
}

base::Result<void> SharedCache::clear() {
  const auto lifetime = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(options_.lifetime * 2).count());
  auto next = base::to_hex(base::random_bytes(4));
  const auto reply =
      std::move(client_
                    .ask(std::vector<Request>{{"SET", kPrefix + std::string("generation"), next, "EX", lifetime}},
                         within(kAdministration))
                    .front());
  if (!reply) return reply.error().with_context("Could not clear the shared cache");
  std::lock_guard lock(mutex_);
  generation_ = std::move(next);
  generation_read_at_ = base::system_clock().monotonic();
  kept_.clear();
  order_.clear();
  hits_ = misses_ = errors_ = 0;
  return base::ok();
}

CacheCounts SharedCache::counts() const {
  const auto deferred = deferred_.counts();
  auto cluster = client_.counts();
  std::lock_guard lock(mutex_);
  return {hits_, misses_, errors_, deferred.done, deferred.dropped + deferred.failed, std::move(cluster)};
}

base::Result<CacheSize> SharedCache::size() {
  CacheSize out;
  const auto keys = client_.ask_each({"DBSIZE"}, within(kAdministration));
  const auto facts = client_.ask_each({"INFO", "stats"}, within(kAdministration));
  for (const auto* replies : {&keys, &facts}) {
    if (replies->empty()) return Error{ErrorKind::Transient, "The shared cache does not answer"};
    for (const auto& reply : *replies) {
      if (!reply) return reply.error().with_context("Could not ask the shared cache for its size");
      out.keys += reply->kind == Reply::Kind::Integer ? reply->integer : 0;
      out.evictions += number_after(reply->text, "\nevicted_keys:");
    }
  }
  return out;
}

}  // namespace cadence::cache
