#include "api/door.hpp"

#include <algorithm>

#include "api/session.hpp"
#include "base/text.hpp"
#include "files/files.hpp"
#include "ingest/answers.hpp"
#include "net/pki.hpp"

namespace cadence::api {

using base::Error;
using base::ErrorKind;
using base::Result;

namespace {

constexpr std::size_t kShortest = 16;  // a shorter token could be guessed
constexpr std::size_t kMostTokens = 100;

net::Response refuse(int status, const std::string& challenge, const char* code, const char* message) {
  auto response = ingest::error_response(status, status == 401 ? "unauthorized" : "forbidden", code, message);
  response.headers.push_back({"WWW-Authenticate", "Bearer realm=\"cadence\"" + challenge});
  return response;
}

// A stranger is told from another by the address it connects from: the last one that a balancer before us wrote down.
std::string address_of(const net::RequestHead& head) {
  const std::string forwarded(net::find_header(head.headers, "X-Forwarded-For"));
  const auto last = base::trim(std::string_view(forwarded).substr(forwarded.rfind(',') + 1));
  const std::string address(last.empty() ? head.remote_address : std::string(last.substr(0, 64)));
  const auto is_odd = [](char c) { return c < '!' || c > '~'; };
  return std::any_of(address.begin(), address.end(), is_odd) ? "odd" : address;
}

Result<Token> read_token(const std::string& name, std::string_view line) {
  const auto blank = std::min(line.find_first_of(" \t"), line.size());
  const auto value = line.substr(0, blank);
  if (value.size() < kShortest)
    return Error{ErrorKind::Invalid, "the token has fewer than " + std::to_string(kShortest) + " characters"};
  Token token{name, net::sha256(value), true, true};
  const auto scopes = base::trim(line.substr(blank));
  if (scopes.empty()) return token;
  token.may_read = token.may_analyze = false;
  for (const auto& scope : base::split(scopes, ',')) {
    if (base::trim(scope) == "read") token.may_read = true;
    else if (base::trim(scope) == "analyze") token.may_analyze = true;
    else return Error{ErrorKind::Invalid, "what follows the token must be read, analyze or read,analyze"};
  }
  return token;
}

}  // namespace

Result<std::vector<Token>> read_tokens(const std::string& name, const std::string& text) {
  std::vector<Token> tokens;
  int number = 0;
  for (const auto& line : base::split(text, '\n')) {
    ++number;
    const auto trimmed = base::trim(line);
    if (trimmed.empty() || trimmed.starts_with('#')) continue;
    auto token = read_token(name, trimmed);
    if (!token)
      return token.error().with_context("Could not use line " + std::to_string(number) + " of token file " + name);
    tokens.push_back(std::move(*token));
  }
  return tokens;
}

Tokens::Tokens(const std::string& fixed, std::filesystem::path folder) : folder_(std::move(folder)) {
  if (!fixed.empty()) fixed_.push_back({"fixed", net::sha256(fixed), true, true});
  current_ = std::make_shared<std::vector<Token>>(fixed_);
}

Result<void> Tokens::refresh() {
  Result<void> outcome;
  auto all = std::make_shared<std::vector<Token>>(fixed_);
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(folder_.empty() ? "/nonexistent" : folder_, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const auto name = entry->path().filename().string();
    std::error_code ignored;
    // a mounted Secret keeps its versions in folders with a dot
    if (name.starts_with('.') || !entry->is_regular_file(ignored)) continue;
    const auto text = files::read(entry->path());
    auto tokens = text ? read_tokens(name, *text) : text.error();
    if (tokens) all->insert(all->end(), tokens->begin(), tokens->end());
    else if (outcome) outcome = tokens.error();
  }
  if (error && !folder_.empty() && outcome)
    outcome = Error{ErrorKind::NotFound,
                    "Could not read the folder of API tokens " + folder_.string() + ": " + error.message()};
  if (all->size() > kMostTokens) all->resize(kMostTokens);
  std::lock_guard lock(mutex_);
  current_ = std::move(all);
  return outcome;
}

std::shared_ptr<const std::vector<Token>> Tokens::current() const {
  std::lock_guard lock(mutex_);
  return current_;
}

std::optional<Token> Door::token_of(std::string_view shown) const {
  const auto digest = net::sha256(shown);
  const Token* found = nullptr;
  const auto tokens = tokens_.current();
  // Every token is looked at, so that the time does not tell which one it was.
  for (const auto& token : *tokens)
    if (base::equals_in_constant_time(token.digest, digest)) found = &token;
  return found == nullptr ? std::nullopt : std::optional(*found);
}

RateLimit::Turn Door::guess(const net::RequestHead& head) const {
  return guesses_.take(address_of(head), base::system_clock().monotonic());
}

bool Door::may_see_pages(const net::RequestHead& head, std::string_view session, base::Wall now) const {
  if (!is_closed_) return true;
  for (const auto& token : *tokens_.current())
    if (token.may_read && is_session_of(token.digest, session, now)) return true;
  return std::holds_alternative<Caller>(admit(head, Scope::Read));
}

Result<std::string> Door::begin_session(const net::RequestHead& head, std::string_view token, base::Wall until) const {
  const auto found = token_of(base::trim(token));
  if (!found && !guess(head).is_granted)
    return Error{ErrorKind::Forbidden, "Too many wrong tokens came from this address. Try again in a minute."};
  if (!found) return Error{ErrorKind::Forbidden, "The server does not know this token."};
  if (!found->may_read) return Error{ErrorKind::Forbidden, "This token may ask for analyses, but not read jobs."};
  return make_session(found->digest, until);
}

std::variant<net::Response, Caller> Door::admit(const net::RequestHead& head, Scope scope) const {
  const auto header = net::find_header(head.headers, "Authorization");
  constexpr std::string_view kScheme = "bearer ";
  const bool is_bearer = base::equals_ignoring_case(header.substr(0, kScheme.size()), kScheme);
  if (!is_bearer) {
    if (is_closed_) return refuse(401, "", "token_required", "send Authorization: Bearer TOKEN");
    const auto name = "address " + address_of(head);
    return Caller{name, false, name};
  }
  const auto found = token_of(base::trim(header.substr(kScheme.size())));
  if (!found) {
    const auto turn = guess(head);
    if (!turn.is_granted) return too_many_requests(turn);
    return refuse(401, ", error=\"invalid_token\"", "invalid_token", "the server does not know this token");
  }
  if (scope == Scope::Read ? found->may_read : found->may_analyze)
    return Caller{"token " + found->name, true, found->digest};
  return refuse(
      403, std::string(", error=\"insufficient_scope\", scope=\"") + (scope == Scope::Read ? "read" : "analyze") + "\"",
      "insufficient_scope",
      scope == Scope::Read ? "this token may not read jobs" : "this token may not ask for analyses");
}

}  // namespace cadence::api
