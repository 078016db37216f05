// One entry's API: lists hooks and their deliveries, and asks for one again. Promises: every call is bounded in time
// and in the size of its answer; TLS is verified, and only an address that the configuration names may be private;
// tokens and keys are read from their files for each call, and are in no text that comes back; what went wrong says
// what to do next. One thread.
#pragma once

#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <variant>

#include "feedback/account.hpp"
#include "recovery/options.hpp"
#include "recovery/providers/provider.hpp"

namespace cadence::recovery {

// Why there is no answer.
struct Failure {
  std::string reason;
  std::optional<std::chrono::seconds> wait{};  // as the provider asks; nothing: until the next round
  bool is_unanswered = false;                  // it may have been done all the same
  bool is_of_one = false;                      // what was asked for is refused; other requests may be answered
};

template <class T>
using Asked = std::variant<T, Failure>;

struct Unchanged {};  // since it was asked for the last time
struct Done {};

class Api {
 public:
  // Options that validate() let through.
  Api(const HookOptions& options, Place place);

  [[nodiscard]] const Provider& provider() const { return provider_; }
  // "github potters/kiln", with the API's URL where it is not everybody's.
  [[nodiscard]] const std::string& name() const { return name_; }

  // The hooks that lead to us; an error says why there is none.
  Asked<std::vector<Hook>> hooks(const std::stop_token& stop);
  // The first page (no cursor) may be Unchanged, if `may_skip`.
  std::variant<Page, Unchanged, Failure> page(std::int64_t hook, const std::string& cursor, bool may_skip,
                                              const std::stop_token& stop);
  Asked<std::string> repository_of(std::int64_t hook, std::int64_t attempt, const std::stop_token& stop);
  Asked<Done> ask_again(std::int64_t hook, std::int64_t attempt, const std::stop_token& stop);
  // Where few requests are left of what the provider allows: until when to leave it alone.
  [[nodiscard]] std::optional<std::chrono::seconds> rest() const { return rest_; }

 private:
  Asked<net::Response> call(net::Request request, const std::stop_token& stop);
  Asked<net::Header> opening() const;
  Failure failure(const net::Response& response, const feedback::Answer& answer) const;

  HookOptions options_;
  Place place_;
  const Provider& provider_;
  feedback::Forge forge_;
  feedback::ApiUrl api_;
  std::string name_;
  std::unique_ptr<net::Transport> transport_;
  std::map<std::int64_t, std::string> etags_;
  std::optional<std::chrono::seconds> rest_;
};

}  // namespace cadence::recovery
