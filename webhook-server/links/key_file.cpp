#include "links/key_file.hpp"

#include "base/text.hpp"
#include "files/files.hpp"

namespace cadence::links {

using base::Error;
using base::ErrorKind;
using base::Result;

Result<std::vector<std::string>> read_keys(const std::string& text) {
  std::vector<std::string> keys;
  int number = 0;
  for (const auto& line : base::split(text, '\n')) {
    ++number;
    const auto key = base::trim(line);
    if (key.empty() || key.starts_with('#')) continue;
    const auto refuse = [number](const std::string& why) {
      return Error{ErrorKind::Invalid, "line " + std::to_string(number) + " " + why};
    };
    if (key.size() < kShortestKey)
      return refuse("has a key of fewer than " + std::to_string(kShortestKey) + " characters");
    if (keys.size() == kMostKeys) return refuse("is one key too many: at most " + std::to_string(kMostKeys) + " count");
    keys.emplace_back(key);
  }
  if (keys.empty()) return Error{ErrorKind::Invalid, "it holds no key"};
  return keys;
}

Result<void> Links::refresh() {
  if (options_.key_file.empty()) return base::ok();
  const auto text = files::read(options_.key_file);
  auto keys = text ? read_keys(*text) : text.error();
  auto next = std::make_shared<std::vector<std::string>>();
  if (keys) *next = std::move(*keys);
  std::lock_guard lock(mutex_);
  keys_ = std::move(next);
  return keys ? base::ok()
              : keys.error().with_context("Could not use the keys of links in " + options_.key_file.string() +
                                          " (webhook.links.key_file)");
}

std::shared_ptr<const std::vector<std::string>> Links::current() const {
  std::lock_guard lock(mutex_);
  return keys_;
}

std::string Links::url_of(const std::string& job_id, base::Wall now) const {
  if (options_.public_url.empty()) return {};
  const auto page = options_.public_url + "/pages/jobs/" + job_id;
  const auto keys = current();
  return keys->empty() ? page : page + "?" + sign(keys->front(), job_id, end_of(now, options_.valid));
}

Standing Links::check(std::string_view job_id, std::string_view until, std::string_view signature,
                      base::Wall now) const {
  return links::check(*current(), job_id, until, signature, now);
}

}  // namespace cadence::links
