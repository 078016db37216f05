#include "feedback/account.hpp"

#include <algorithm>

#include "analysis/source/guard/addresses.hpp"
#include "analysis/source/guard/page_url.hpp"
#include "base/text.hpp"
#include "feedback/forges/forges.hpp"
#include "json/value.hpp"
#include "queue/repository_names.hpp"
#include "trace/origin.hpp"

namespace cadence::feedback {

namespace source = analysis::source;
using base::Error;
using base::ErrorKind;
using base::Result;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kMostAnswer = 256U << 10U;

// Which span the call is, as W3C Trace Context says it.
std::vector<net::Header> trace_headers(const queue::OwedStatus& owed) {
  const auto span = trace::read_origin(owed.spec.origin).context;
  if (!span) return {};
  std::vector<net::Header> headers{{"traceparent", trace::traceparent_of(*span)}};
  if (!span->state.empty()) headers.push_back({"tracestate", span->state});
  return headers;
}

}  // namespace

Result<ApiUrl> api_url_of(const Forge& forge, const std::string& configured) {
  auto text = configured.empty() ? std::string(forge.api_url) : configured;
  while (text.ends_with('/')) text.pop_back();
  const auto url = source::parse_page_url(text);
  if (!url) return url.error();
  if (!text.starts_with("https://") && !text.starts_with("http://"))
    return Error{ErrorKind::Invalid, "must begin with https://"};
  // The API of the provider itself has a host of its own instead of a path.
  const bool is_whole = text.ends_with(forge.api_path) || url->host.starts_with("api.");
  if (!is_whole) text += forge.api_path;
  const auto whole = source::parse_page_url(text);
  if (!whole) return whole.error();
  if (whole->target.find('?') != std::string::npos || text.find('@') != std::string::npos)
    return Error{ErrorKind::Invalid, "must have neither a query nor a name and password"};
  return ApiUrl{whole->is_secure, whole->host, whole->port, whole->target == "/" ? "" : whole->target, text};
}

Result<net::Origin> origin_of(const ApiUrl& api, bool is_named, const std::string& ca_file) {
  net::Origin origin{api.host, api.port, std::nullopt};
  if (api.is_secure) {
    origin.tls.emplace();
    origin.tls->trusts_system = true;
    if (!ca_file.empty()) {
      const auto roots = read_secret(ca_file, 1U << 20U);
      if (!roots) return roots.error();
      origin.tls->ca_pem = *roots;
    }
  }
  if (!is_named)
    origin.check_address = [host = api.host](const std::string& numbers) {
      return source::check_public(host, numbers);
    };
  return origin;
}

Account::Account(const AccountOptions& options)
    : options_(options), forge_(*forge_named(options.provider)), api_(*api_url_of(forge_, options.api_url)) {
  transport_ = net::make_beast_transport(
      [this] { return origin_of(api_, !options_.api_url.empty(), options_.ca_file); }, kMostAnswer);
  if (!options_.app_id.empty()) app_ = std::make_unique<GithubApp>(options_.app_id, options_.app_key_file);
}

bool Account::is_of(const queue::JobSpec& spec) const {
  return forge_.event_type == spec.event_type && queue::is_allowed_repository(options_.repositories, spec.full_name);
}

Status Account::put(const queue::OwedStatus& owed, const std::string& page) const {
  auto status = status_of(owed, page, options_.fail_above);
  if (status.url.size() > forge_.longest_url) status.url.clear();
  if (status.url.empty() && forge_.commit_page != nullptr) status.url = forge_.commit_page(api_.text, status);
  return status;
}

Answer Account::tell(const queue::OwedStatus& owed, const std::string& page, milliseconds limit, std::stop_token stop) {
  const Call call(*transport_, api_.path, limit, std::move(stop), trace_headers(owed));
  const auto status = put(owed, page);
  if (app_) return tell_as_app(owed, status, call);
  const auto token = read_secret(options_.token_file);
  if (!token) return {.reason = token.error().message, .is_for_all = true};
  if (!is_sound_token(*token))
    return {.reason = options_.token_file + " holds characters that no token has", .is_for_all = true};
  const auto response = call.send(forge_.say(status), forge_.show(*token));
  if (!response) return unanswered(response.error());
  return answer_of(forge_, *response, *token, base::system_clock().wall());
}

Answer Account::tell_as_app(const queue::OwedStatus& owed, const Status& status, const Call& call) {
  auto given = app_->token_for(status.full_name, call);
  if (auto* refusal = std::get_if<Answer>(&given)) return std::move(*refusal);
  const auto& token = std::get<std::string>(given);
  auto run = owed.remote;
  // Whoever tried before may have made one and not come to note it.
  if (run.empty() && (owed.attempt > 1 || owed.version > 0)) {
    auto found = find_run(status, call, token);
    if (found.kind != Answer::Kind::Taken) return found;
    run = std::move(found.remote);
  }
  const auto response = call.send(say_check_run(status, run), bearer(token));
  if (!response) return unanswered(response.error());
  auto answer = answer_of(forge_, *response, token, base::system_clock().wall());
  // It was taken back, or its installation was: the next try asks for another one.
  if (response->status == 401) {
    app_->forget(status.full_name);
    answer.wait = std::chrono::seconds(1);
  }
  if (answer.kind != Answer::Kind::Taken) return answer;
  const auto body = json::parse(response->body);
  const auto& id = json::at_path(*body, {"id"});
  answer.remote = id.is_number_integer() ? std::to_string(id.get<std::int64_t>()) : run;
  return answer;
}

Answer Account::find_run(const Status& status, const Call& call, const std::string& token) {
  const auto response = call.send(ask_for_check_runs(status), bearer(token));
  if (!response) return unanswered(response.error());
  auto answer = answer_of(forge_, *response, token, base::system_clock().wall());
  if (answer.kind == Answer::Kind::Taken) answer.remote = check_run_of(*json::parse(response->body), status.job_id);
  return answer;
}

Account* account_of(const std::vector<std::unique_ptr<Account>>& accounts, const queue::JobSpec& spec) {
  const auto found = std::find_if(accounts.begin(), accounts.end(), [&](const auto& one) { return one->is_of(spec); });
  return found == accounts.end() || !is_tellable((*found)->forge(), spec) ? nullptr : found->get();
}

queue::Owes owes_by(const Options& options) {
  if (options.accounts.empty()) return nullptr;
  return [accounts = options.accounts](const queue::JobSpec& spec) {
    const auto* forge = forge_of_event(spec.event_type);
    if (forge == nullptr || !is_tellable(*forge, spec)) return false;
    return std::any_of(accounts.begin(), accounts.end(), [&](const AccountOptions& account) {
      return account.provider == forge->name && queue::is_allowed_repository(account.repositories, spec.full_name);
    });
  };
}

}  // namespace cadence::feedback
