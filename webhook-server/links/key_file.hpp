// The keys that links are signed with, in a file that is read again while the server runs: a line each, the first one
// signs, all of them open. So a key is replaced without a gap (put the new one above the old one, take the old one away
// when its links are over), and a link is revoked by taking its key away. Promises: what the file does not hold any
// more opens nothing from the next refresh on, an unreadable file nothing at all; no error holds a part of a key.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "links/links.hpp"

namespace cadence::links {

inline constexpr std::size_t kShortestKey = 32;  // characters; a shorter one could be guessed
inline constexpr std::size_t kMostKeys = 8;      // each is tried on every link

// # begins a comment.
base::Result<std::vector<std::string>> read_keys(const std::string& text);

struct LinkOptions {
  std::filesystem::path key_file;  // empty: links are not signed, and who follows one signs in
  std::string public_url;          // of this server as its readers reach it, no slash at the end; empty: no links
  std::chrono::days valid{30};
};

// Any thread.
class Links {
 public:
  explicit Links(LinkOptions options) : options_(std::move(options)) {}
  base::Result<void> refresh();

  // Where people read a job; empty when nobody said where this server is reached.
  [[nodiscard]] std::string url_of(const std::string& job_id, base::Wall now) const;
  [[nodiscard]] Standing check(std::string_view job_id, std::string_view until, std::string_view signature,
                               base::Wall now) const;

 private:
  [[nodiscard]] std::shared_ptr<const std::vector<std::string>> current() const;

  const LinkOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<std::string>> keys_ = std::make_shared<std::vector<std::string>>();
};

}  // namespace cadence::links
