#include "ingest/secrets.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "files/files.hpp"
#include "queue/repository_names.hpp"

namespace cadence::ingest {

bool is_url_of(std::string_view url, std::string_view full_name, std::string_view segment) {
  if (!queue::is_plain_repository(full_name)) return false;
  const auto authority = url.find("://");
  if (authority == std::string_view::npos) return false;
  const auto slash = url.find('/', authority + 3);
  if (slash == std::string_view::npos) return false;
  auto path = std::string(url.substr(slash + 1));
  if (path.ends_with('/')) path.pop_back();
  if (!segment.empty()) {
    auto parts = base::split(path, '/');
    const auto extra = std::find(parts.begin(), parts.end(), segment);
    if (extra == parts.end()) return false;
    parts.erase(extra);
    path = base::join(parts, "/");
  }
  return base::equals_ignoring_case(path, full_name) ||
         base::equals_ignoring_case(path, std::string(full_name) + ".git");
}

std::string scope_of(const Secret& secret) {
  std::vector<std::string> patterns;
  for (const auto& pattern : secret.repositories) patterns.push_back(base::to_lower(pattern));
  std::sort(patterns.begin(), patterns.end());
  return patterns.empty() ? "*" : base::join(patterns, " ");
}

Secrets::Secrets(std::vector<Secret> fixed, std::vector<SecretFile> files, SecretCheck how_to_check)
    : fixed_(std::move(fixed)),
      files_(std::move(files)),
      check_(how_to_check),
      contents_(files_.size()),
      current_(std::make_shared<std::vector<Secret>>()) {
  static_cast<void>(refresh());
}

base::Result<void> Secrets::check(const std::string& value) const {
  if (base::trim(value).empty()) return base::Error{base::ErrorKind::NotFound, "is missing or empty"};
  return check_ == nullptr ? base::ok() : check_(value);
}

base::Result<void> Secrets::refresh() {
  base::Result<void> outcome;
  const auto complain = [&](const std::string& what, const base::Error& why) {
    if (outcome) outcome = base::Error{why.kind, what + " " + why.message};
  };
  std::lock_guard lock(mutex_);
  auto all = std::make_shared<std::vector<Secret>>();
  for (std::size_t i = 0; i < fixed_.size(); ++i) {
    if (auto checked = check(fixed_[i].value); !checked)
      complain("Secret " + std::to_string(i) + " of the configuration", checked.error());
    else all->push_back(fixed_[i]);
  }
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const auto text = files::read_secret(files_[i].path);
    const auto content = text ? *text : std::string();
    if (auto checked = check(content); !checked) complain("The secret in " + files_[i].path, checked.error());
    else contents_[i] = content;
    if (!contents_[i].empty()) all->push_back({contents_[i], files_[i].repositories});
  }
  current_ = std::move(all);
  return outcome;
}

std::shared_ptr<const std::vector<Secret>> Secrets::current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

}  // namespace cadence::ingest
