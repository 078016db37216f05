#include "feedback/forge.hpp"

#include <algorithm>
#include <cctype>

#include "base/text.hpp"
#include "feedback/forges/forges.hpp"
#include "queue/repository_names.hpp"

namespace cadence::feedback {

namespace {

const Forge* find(auto member, std::string_view value) {
  const auto& all = all_forges();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Forge* forge) { return forge->*member == value; });
  return found == all.end() ? nullptr : *found;
}

}  // namespace

const std::vector<const Forge*>& all_forges() {
  static const std::vector<const Forge*> all = {&github(),  &gitlab(),    &gitea(),
                                                &forgejo(), &bitbucket(), &bitbucket_server()};
  return all;
}

const Forge* forge_named(std::string_view name) { return find(&Forge::name, name); }
const Forge* forge_of_event(std::string_view event_type) { return find(&Forge::event_type, event_type); }

bool is_tellable(const Forge& forge, const queue::JobSpec& spec) {
  constexpr std::size_t kSha1 = 40, kSha256 = 64;
  const auto is_hex = [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; };
  const bool is_hash = (spec.commit.size() == kSha1 || spec.commit.size() == kSha256) &&
                       std::all_of(spec.commit.begin(), spec.commit.end(), is_hex);
  const auto slashes = std::count(spec.full_name.begin(), spec.full_name.end(), '/');
  return is_hash && queue::is_plain_repository(spec.full_name) && (forge.is_nested || slashes == 1);
}

std::string path_of_segments(std::string_view full_name) {
  auto segments = base::split(full_name, '/');
  for (auto& segment : segments) segment = net::percent_encode(segment);
  return base::join(segments, "/");
}

net::Request json_post(std::string target, std::string body) {
  return {"POST",
          std::move(target),
          {{"Content-Type", "application/json"}, {"Accept", "application/json"}},
          std::move(body)};
}

std::string clipped_text(std::string_view text, std::size_t most_characters) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_begin = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    if (is_begin && ++characters > most_characters) return std::string(text.substr(0, i));
  }
  return std::string(text);
}

}  // namespace cadence::feedback
