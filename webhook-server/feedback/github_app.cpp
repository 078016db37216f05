#include "feedback/github_app.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "feedback/forges/forges.hpp"
#include "files/files.hpp"
#include "json/value.hpp"
#include "net/pki.hpp"

namespace cadence::feedback {

using base::Error;
using base::ErrorKind;
using base::Result;
using std::chrono::milliseconds;

namespace {

constexpr std::chrono::minutes kBeforeItsEnd{5}, kLongestLife{60};

std::string base64url(std::string_view bytes) {
  auto text = base::to_base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.erase(std::find(text.begin(), text.end(), '='), text.end());
  return text;
}

std::int64_t seconds_of(base::Wall time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

Answer without(const std::string& what, Answer answer) {
  answer.reason = what + ": " + answer.reason;
  // An answer that was taken and does not say what it should.
  if (answer.kind == Answer::Kind::Taken) answer = {.reason = what + ": its answer was not the one documented"};
  return answer;
}

}  // namespace

bool is_app_id(std::string_view text) {
  const auto is_sound = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.'; };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), is_sound);
}

Result<std::string> app_proof(const std::string& app_id, const std::string& key_pem, base::Wall now) {
  const auto text =
      base64url(R"({"alg":"RS256","typ":"JWT"})") + "." +
      base64url(json::dump({{"iat", seconds_of(now) - 60}, {"exp", seconds_of(now) + 480}, {"iss", app_id}}));
  const auto signature = net::sign_rs256(key_pem, text);
  if (!signature) return signature.error();
  return text + "." + base64url(*signature);
}

Call::Call(net::Transport& transport, std::string base_path, milliseconds limit, std::stop_token stop,
           std::vector<net::Header> headers)
    : transport_(transport),
      base_path_(std::move(base_path)),
      deadline_(base::system_clock().monotonic() + limit),
      stop_(std::move(stop)),
      headers_(std::move(headers)) {}

Result<net::Response> Call::send(net::Request request, net::Header shown) const {
  const auto left = std::chrono::duration_cast<milliseconds>(deadline_ - base::system_clock().monotonic());
  if (left.count() <= 0) return Error{ErrorKind::Transient, "There was no time left"};
  request.target = base_path_ + request.target;
  request.headers.push_back({"User-Agent", "cadence-ha/" CADENCE_VERSION});
  request.headers.push_back(std::move(shown));
  request.headers.insert(request.headers.end(), headers_.begin(), headers_.end());
  return transport_.send(request, left, stop_);
}

Answer unanswered(const Error& why) { return {.reason = why.message, .is_for_all = why.kind != ErrorKind::Canceled}; }

std::string GithubApp::known(const std::string& full_name) {
  const std::lock_guard lock(mutex_);
  const auto found = tokens_.find(full_name);
  return found != tokens_.end() && found->second.until > base::system_clock().wall() ? found->second.text : "";
}

void GithubApp::keep(const std::string& full_name, Token token) {
  const std::lock_guard lock(mutex_);
  if (tokens_.size() >= kMostTokens) tokens_.clear();
  tokens_[full_name] = std::move(token);
}

void GithubApp::forget(const std::string& full_name) {
  const std::lock_guard lock(mutex_);
  tokens_.erase(full_name);
}

std::variant<std::string, Answer> GithubApp::token_for(const std::string& full_name, const Call& call) {
  if (auto token = known(full_name); !token.empty()) return token;
  const auto now = base::system_clock().wall();
  const auto key = read_secret(key_file_);
  if (!key) return Answer{.reason = key.error().message, .is_for_all = true};
  const auto proof = app_proof(app_id_, *key, now);
  if (!proof) return Answer{.reason = key_file_ + " " + proof.error().message, .is_for_all = true};

  const auto installed = call.send(ask_for_installation(full_name), bearer(*proof));
  if (!installed) return unanswered(installed.error());
  auto answer = answer_of(github(), *installed, *proof, now);
  const auto installation = json::parse(installed->body);
  const auto id = installation ? json::at_path(*installation, {"id"}) : json::Value();
  if (answer.kind != Answer::Kind::Taken || !id.is_number_integer())
    return without("the App's installation on " + full_name + " was not found", std::move(answer));

  const auto given = call.send(ask_for_token(id.get<std::int64_t>(), full_name), bearer(*proof));
  if (!given) return unanswered(given.error());
  answer = answer_of(github(), *given, *proof, now);
  const auto body = json::parse(given->body);
  auto token = body ? json::string_at(*body, {"token"}) : std::string();
  if (answer.kind != Answer::Kind::Taken || !is_sound_token(token))
    return without("the App was given no token for " + full_name, std::move(answer));
  const auto end = base::parse_rfc3339(json::string_at(*body, {"expires_at"}));
  keep(full_name, {token, std::min<base::Wall>(end - kBeforeItsEnd, now + kLongestLife)});
  return token;
}

bool is_sound_token(std::string_view token) {
  return !token.empty() && std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

Result<std::string> read_secret(const std::string& path, std::size_t most) {
  const auto text = files::read(path, most);
  if (!text) return Error{ErrorKind::Transient, text.error().message};
  if (base::trim(*text).empty()) return Error{ErrorKind::Transient, path + " is empty"};
  return std::string(base::trim(*text));
}

}  // namespace cadence::feedback
