#include "recovery/api.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::recovery {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr milliseconds kLimit{20000};  // GitLab answers a resend when the hook has answered, which may take ten seconds

feedback::Forge without_object(feedback::Forge forge) {
  forge.has_answer = false;  // lists are no objects, and what is asked for again is answered with next to nothing
  return forge;
}

std::optional<std::int64_t> number_in(const net::Response& response, const char* name) {
  return base::parse_integer(base::trim(net::find_header(response.headers, name)));
}

// Others use the same account: the last twentieth is theirs.
std::optional<seconds> rest_after(const net::Response& response, base::Wall now) {
  constexpr std::int64_t kShare = 20, kLeast = 5;
  for (const std::string prefix : {"X-RateLimit-", "RateLimit-"}) {
    const auto left = number_in(response, (prefix + "Remaining").c_str());
    if (!left) continue;
    const auto all = number_in(response, (prefix + "Limit").c_str()).value_or(0);
    if (*left >= std::max(kLeast, all / kShare)) return std::nullopt;
    return feedback::wait_asked_for(response, now);
  }
  return std::nullopt;
}

}  // namespace

Api::Api(const HookOptions& options, Place place)
    : options_(options),
      place_(std::move(place)),
      provider_(*provider_named(options.provider)),
      forge_(without_object(provider_.forge())),
      api_(*feedback::api_url_of(forge_, options.api_url)) {
  const char* suffix = place_.kind == Place::Kind::Owner ? "/*" : "";
  name_ = options_.provider + (place_.kind == Place::Kind::App ? " App " : " ") + place_.name + suffix;
  if (!options_.api_url.empty()) name_ += " at " + api_.host;
  transport_ = net::make_beast_transport(
      [this] { return feedback::origin_of(api_, !options_.api_url.empty(), options_.ca_file); },
      provider_.largest_answer);
}

Asked<net::Header> Api::opening() const {
  const auto& file = options_.token_file.empty() ? options_.app_key_file : options_.token_file;
  const auto secret = feedback::read_secret(file);
  if (!secret) return Failure{secret.error().message};
  if (options_.token_file.empty()) {
    const auto proof = feedback::app_proof(options_.app_id, *secret, base::system_clock().wall());
    if (!proof) return Failure{file + " " + proof.error().message};
    return forge_.show(*proof);
  }
  if (!feedback::is_sound_token(*secret)) return Failure{file + " holds characters that no token has"};
  return forge_.show(*secret);
}

Failure Api::failure(const net::Response& response, const feedback::Answer& answer) const {
  Failure out{.reason = answer.reason, .wait = answer.wait};
  if (answer.wait)
    out.reason += "; its limit is used up, the next look is in " + std::to_string(answer.wait->count()) + " s";
  const auto may = "; the token needs " + provider_.rights(place_);
  const int status = response.status;
  if (answer.wait || status >= 500) return out;
  if (status == 401 || status == 403) out.reason += may;
  else if (status == 404) out.reason += "; it is not there, or the token may not see it" + may;
  else if (status >= 300 && status < 400) out.reason += "; it was moved: give its new name";
  else out.is_of_one = status >= 400 && answer.kind == feedback::Answer::Kind::Never;
  return out;
}

Asked<net::Response> Api::call(net::Request request, const std::stop_token& stop) {
  auto opened = opening();
  if (auto* failed = std::get_if<Failure>(&opened)) return std::move(*failed);
  auto& shown = std::get<net::Header>(opened);
  const auto token = shown.value.substr(shown.value.rfind(' ') + 1);
  const feedback::Call call(*transport_, api_.path, kLimit, stop);
  auto response = call.send(std::move(request), shown);
  if (!response)
    return Failure{.reason = stop.stop_requested() ? "stopped" : response.error().message, .is_unanswered = true};
  const auto now = base::system_clock().wall();
  rest_ = rest_after(*response, now);
  if (response->status == 304) return std::move(*response);
  auto answer = feedback::answer_of(forge_, *response, token, now);
  if (answer.kind == feedback::Answer::Kind::Taken && response->status != 204) return std::move(*response);
  if (response->status == 202) return std::move(*response);
  return failure(*response, answer);
}

Asked<std::vector<Hook>> Api::hooks(const std::stop_token& stop) {
  auto asked = call(provider_.ask_for_hooks(place_), stop);
  if (auto* failed = std::get_if<Failure>(&asked)) return std::move(*failed);
  const auto body = json::parse(std::get<net::Response>(asked).body);
  if (!body) return Failure{"its answer was no JSON"};
  auto all = provider_.read_hooks(*body);
  if (!all) return Failure{all.error().message};
  std::erase_if(*all, [&](const Hook& hook) {
    return options_.hook_id > 0 ? hook.id != options_.hook_id : !leads_to(provider_, hook.url, options_.hook_url);
  });
  const auto which = options_.hook_id > 0        ? "number " + std::to_string(options_.hook_id)
                     : options_.hook_url.empty() ? "leads to /webhooks/" + options_.provider
                                                 : "leads to " + options_.hook_url;
  if (all->empty())
    return Failure{"it has no hook that " + (options_.hook_id > 0 ? "has " + which : which) +
                   ": make one, or say in hook_url where it leads"};
  if (all->size() > 1 && options_.hook_url.empty())
    return Failure{"several of its hooks lead to /webhooks/" + options_.provider +
                   ": say in hook_url where ours leads"};
  return std::move(*all);
}

std::variant<Page, Unchanged, Failure> Api::page(std::int64_t hook, const std::string& cursor, bool may_skip,
                                                 const std::stop_token& stop) {
  auto request = provider_.ask_for_page(place_, hook, cursor);
  const auto etag = etags_.find(hook);
  if (cursor.empty() && may_skip && etag != etags_.end()) request.headers.push_back({"If-None-Match", etag->second});
  auto asked = call(std::move(request), stop);
  if (auto* failed = std::get_if<Failure>(&asked)) return std::move(*failed);
  const auto& response = std::get<net::Response>(asked);
  if (response.status == 304) return Unchanged{};
  const auto body = json::parse(response.body);
  if (!body) return Failure{"its list of deliveries was no JSON"};
  auto page = provider_.read_page(*body, response.headers);
  if (!page) return Failure{page.error().message};
  constexpr std::size_t kLongestTag = 200;
  const auto tag = net::find_header(response.headers, "ETag");
  if (cursor.empty() && !tag.empty() && tag.size() <= kLongestTag) etags_[hook] = tag;
  return std::move(*page);
}

Asked<std::string> Api::repository_of(std::int64_t hook, std::int64_t attempt, const std::stop_token& stop) {
  if (provider_.ask_for_try == nullptr) return std::string();
  auto asked = call(provider_.ask_for_try(place_, hook, attempt), stop);
  if (auto* failed = std::get_if<Failure>(&asked)) return std::move(*failed);
  const auto body = json::parse(std::get<net::Response>(asked).body);
  return body ? provider_.read_repository(*body) : std::string();
}

Asked<Done> Api::ask_again(std::int64_t hook, std::int64_t attempt, const std::stop_token& stop) {
  auto asked = call(provider_.ask_again(place_, hook, attempt), stop);
  if (auto* failed = std::get_if<Failure>(&asked)) return std::move(*failed);
  return Done{};
}

}  // namespace cadence::recovery
