// Who may read jobs and ask for analyses: bearer tokens (RFC 6750), several at once, each for reading, for asking, or
// for both. Promises: tokens are compared in a time that says nothing of them; what was taken out of the folder is
// refused from the next refresh on; who shows wrong ones has few tries a minute, and no good one waits for it; a caller
// without a token is a stranger, whom the server's own rights (credentials, private addresses) are not lent to.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "api/rate_limit.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/server.hpp"

namespace cadence::api {

enum class Scope { Read, Analyze };

struct Token {
  std::string name;    // of the file it came from
  std::string digest;  // SHA-256 of the token
  bool may_read = true, may_analyze = true;
};

// The tokens of one text: a line each, "TOKEN" or "TOKEN read", "TOKEN analyze", "TOKEN read,analyze"; # begins a
// comment. An error names the line, never its content.
base::Result<std::vector<Token>> read_tokens(const std::string& name, const std::string& text);

// One token that is given, and the files of a folder; any thread.
class Tokens {
 public:
  Tokens(const std::string& fixed, std::filesystem::path folder);
  // Reads the folder again. The error names the first file that could not be used; the others count.
  base::Result<void> refresh();
  [[nodiscard]] std::shared_ptr<const std::vector<Token>> current() const;

 private:
  std::vector<Token> fixed_;
  std::filesystem::path folder_;  // empty: none
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Token>> current_;
};

struct Caller {
  std::string name;         // "token NAME", or "address ADDRESS" of a stranger
  bool is_trusted = false;  // showed a token
  std::string key{};        // the token's digest, or the address: several tokens may have one name
};

class Door {
 public:
  // Closed: nobody passes without a token.
  Door(const Tokens& tokens, bool is_closed) : tokens_(tokens), is_closed_(is_closed) {}
  // The caller, or the 401, 403 or 429 for it.
  [[nodiscard]] std::variant<net::Response, Caller> admit(const net::RequestHead& head, Scope scope) const;

  // People sign in to the pages with a token that may read, and get a session (session.hpp) for it. A session opens
  // pages only: what asks for analyses wants the token.
  [[nodiscard]] bool is_closed() const { return is_closed_; }
  [[nodiscard]] bool may_see_pages(const net::RequestHead& head, std::string_view session, base::Wall now) const;
  [[nodiscard]] base::Result<std::string> begin_session(const net::RequestHead& head, std::string_view token,
                                                        base::Wall until) const;

 private:
  static constexpr std::int64_t kGuesses = 30;  // a minute, of an address
  [[nodiscard]] std::optional<Token> token_of(std::string_view shown) const;
  RateLimit::Turn guess(const net::RequestHead& head) const;

  const Tokens& tokens_;
  const bool is_closed_;
  mutable RateLimit guesses_{kGuesses};
};

}  // namespace cadence::api
