// The shared secrets of one provider: several at once, so that a secret is rotated without refusing a delivery, each
// for some or all repositories. Promises: what is current is read in one piece, whatever a file does meanwhile. Knows
// nothing of how a secret proves anything.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::ingest {

struct Secret {
  std::string value;
  std::vector<std::string> repositories;  // "owner/name", "owner/*"; empty: all
};

// True when the URL's path is that name: both are the sender's words, and whoever may send for some repositories only
// must not have another one fetched under their name. A name with segments that a URL library would resolve ("..",
// "%2e") is nobody's. `segment`: one that the sender's URLs have besides the name; empty: none.
bool is_url_of(std::string_view url, std::string_view full_name, std::string_view segment = {});

// What a secret is for, as a text that stays the same while the secret itself is rotated.
std::string scope_of(const Secret& secret);

struct SecretFile {
  std::string path;
  std::vector<std::string> repositories;
};

// Whether a secret can be used at all; an error says what it must look like.
using SecretCheck = base::Result<void> (*)(std::string_view value);

// Fixed secrets and files; files are read again by refresh(). Any thread.
class Secrets {
 public:
  Secrets(std::vector<Secret> fixed, std::vector<SecretFile> files, SecretCheck how_to_check = nullptr);
  // Keeps the old value of a file that cannot be read or used. An error names the first such file, or the first fixed
  // one that cannot be used.
  base::Result<void> refresh();
  [[nodiscard]] std::shared_ptr<const std::vector<Secret>> current() const;

 private:
  [[nodiscard]] base::Result<void> check(const std::string& value) const;

  std::vector<Secret> fixed_;
  std::vector<SecretFile> files_;
  SecretCheck check_;
  std::vector<std::string> contents_;
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Secret>> current_;
};

}  // namespace cadence::ingest
