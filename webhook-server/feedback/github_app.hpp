// The tokens of a GitHub App: it shows a short-lived proof made with its key (JWT, RS256), and is given a token for one
// repository and for check runs only. Promises: a token is asked for again five minutes before its end; so many are
// kept; the key is read from its file each time. Any thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "feedback/answers.hpp"
#include "net/transport.hpp"

namespace cadence::feedback {

// The number of an App or its client ID.
bool is_app_id(std::string_view text);
// "header.claims.signature": made a minute before `now`, for clocks that differ, and good for nine minutes from then.
// An error says what is wrong with the key, and nothing of it.
base::Result<std::string> app_proof(const std::string& app_id, const std::string& key_pem, base::Wall now);

// Requests to one API within one deadline.
class Call {
 public:
  // `headers`: of each request.
  Call(net::Transport& transport, std::string base_path, std::chrono::milliseconds limit, std::stop_token stop,
       std::vector<net::Header> headers = {});
  // Behind the base path, with `shown` as what opens it.
  base::Result<net::Response> send(net::Request request, net::Header shown) const;

 private:
  net::Transport& transport_;
  std::string base_path_;
  base::Monotonic deadline_;
  std::stop_token stop_;
  std::vector<net::Header> headers_;
};

// A transport's failure as an answer: later.
Answer unanswered(const base::Error& why);

class GithubApp {
 public:
  GithubApp(std::string app_id, std::string key_file) : app_id_(std::move(app_id)), key_file_(std::move(key_file)) {}
  // A token, or why there is none.
  std::variant<std::string, Answer> token_for(const std::string& full_name, const Call& call);
  void forget(const std::string& full_name);

 private:
  static constexpr std::size_t kMostTokens = 1024;
  struct Token {
    std::string text;
    base::Wall until;
  };
  std::string known(const std::string& full_name);
  void keep(const std::string& full_name, Token token);

  std::string app_id_, key_file_;
  std::mutex mutex_;
  std::map<std::string, Token> tokens_;
};

// A token goes into a header, where a line end would begin another one.
bool is_sound_token(std::string_view token);
// What a file with a secret holds, trimmed; an error names the file.
base::Result<std::string> read_secret(const std::string& path, std::size_t most = 65536);

}  // namespace cadence::feedback
