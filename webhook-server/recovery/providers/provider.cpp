#include "recovery/providers/provider.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::recovery {

namespace {

std::string_view without_query(std::string_view url) {
  return url.substr(0, std::min(url.find_first_of("?#"), url.size()));
}

// Scheme and host in lower case, without the port that goes without saying; the path as it is, without slashes at its
// end.
std::string normal(std::string_view url) {
  url = without_query(url);
  while (url.ends_with('/')) url.remove_suffix(1);
  const auto scheme = url.find("://");
  const auto host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto path = std::min(url.find('/', host), url.size());
  auto begin = base::to_lower(url.substr(0, path));
  for (const auto& [prefix, port] : {std::pair{"https://", ":443"}, {"http://", ":80"}})
    if (begin.starts_with(prefix) && begin.ends_with(port)) begin.resize(begin.size() - std::string_view(port).size());
  return begin + std::string(url.substr(path));
}

}  // namespace

Place place_of(const std::string& pattern) {
  if (!pattern.ends_with("/*")) return {Place::Kind::Repository, pattern};
  return {Place::Kind::Owner, pattern.substr(0, pattern.size() - 2)};
}

const std::vector<const Provider*>& all_providers() {
  static const std::vector<const Provider*> all = {&github(), &gitlab()};
  return all;
}

const Provider* provider_named(std::string_view name) {
  const auto& all = all_providers();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Provider* one) { return one->name == name; });
  return found == all.end() ? nullptr : *found;
}

bool leads_to(const Provider& provider, std::string_view url, std::string_view ours) {
  const auto its = normal(url);
  if (ours.empty())
    return its.ends_with("/webhook") || base::to_lower(its).ends_with("/webhooks/" + std::string(provider.name));
  const auto own = normal(ours);
  return its == own || its.starts_with(own + "/");
}

base::Result<std::vector<Hook>> hooks_in(const json::Value& body, Hook (*hook_of)(const json::Value&)) {
  if (!body.is_array()) return base::Error{base::ErrorKind::Transient, "its answer was no list of hooks"};
  std::vector<Hook> all;
  for (const auto& one : body)
    if (auto hook = hook_of(one); hook.id > 0) all.push_back(std::move(hook));
  return all;
}

std::string next_cursor(const std::vector<net::Header>& headers, std::string_view parameter) {
  constexpr std::size_t kLongest = 256;
  for (const auto& link : base::split(net::find_header(headers, "Link"), ',')) {
    const auto begin = link.find('<'), end = link.find('>');
    if (begin == std::string::npos || end == std::string::npos || end < begin) continue;
    if (link.find("rel=\"next\"", end) == std::string::npos) continue;
    const auto cursor = net::query_value(link.substr(begin + 1, end - begin - 1), parameter);
    const bool is_plain = std::all_of(cursor.begin(), cursor.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (is_plain && cursor.size() <= kLongest) return cursor;
  }
  return {};
}

}  // namespace cadence::recovery
