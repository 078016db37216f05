// The shared secrets of one provider: several at once, so that a secret is rotated without refusing a delivery, each
// for some or all repositories. Promises: comparison takes the same time whatever differs; a body is matched against
// every secret in one pass.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/pki.hpp"

namespace cadence::ingest {

struct Secret {
  std::string value;
  std::vector<std::string> repositories;  // "owner/name", "owner/*"; empty: all
};

bool is_allowed_repository(const std::vector<std::string>& patterns, const std::string& full_name);

// True when the URL's path is that name: both are the sender's words, and whoever may send for some repositories only
// must not have another one fetched under their name. A name with segments that a URL library would resolve ("..",
// "%2e") is nobody's.
bool is_url_of(std::string_view url, std::string_view full_name);

// What a secret is for, as a text that stays the same while the secret itself is rotated.
std::string scope_of(const Secret& secret);

struct SecretFile {
  std::string path;
  std::vector<std::string> repositories;
};

// Fixed secrets and files; files are read again by refresh(). Any thread.
class Secrets {
 public:
  Secrets(std::vector<Secret> fixed, std::vector<SecretFile> files);
  // Keeps the old value of a file that cannot be read. An error names the first such file.
  base::Result<void> refresh();
  [[nodiscard]] std::shared_ptr<const std::vector<Secret>> current() const;

 private:
  std::vector<Secret> fixed_;
  std::vector<SecretFile> files_;
  std::vector<std::string> contents_;
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Secret>> current_;
};

// The signature of a header "sha256=<64 hex digits>"; 32 bytes, or nothing when malformed.
std::optional<std::string> parse_signature(std::string_view header);

// Verifies one body that arrives in pieces against all secrets.
class SignatureCheck {
 public:
  SignatureCheck(std::shared_ptr<const std::vector<Secret>> secrets, std::string signature);
  void update(std::string_view piece);
  // The secrets that made this signature; empty: refuse. Once.
  std::vector<const Secret*> finish();

 private:
  std::shared_ptr<const std::vector<Secret>> secrets_;
  std::string signature_;
  std::vector<net::HmacSha256> codes_;
};

}  // namespace cadence::ingest
