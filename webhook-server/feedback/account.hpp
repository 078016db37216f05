// One API and what opens it: tells one status and says what became of it. Promises: every call is bounded in time and
// in the size of its answer; TLS is verified; the address comes from the configuration alone, and only one that is
// named there may be private; tokens and keys are read from their files for each status, so that one that was replaced
// is used, and are in no text that comes back. Any thread.
#pragma once

#include <memory>
#include <stop_token>

#include "feedback/answers.hpp"
#include "feedback/github_app.hpp"
#include "feedback/options.hpp"
#include "net/transport.hpp"

namespace cadence::feedback {

// Where an API begins.
struct ApiUrl {
  bool is_secure = true;
  std::string host;
  std::uint16_t port = 443;
  std::string path;  // without a slash at its end
  std::string text;
};
base::Result<ApiUrl> api_url_of(const Forge& forge, const std::string& configured);

// Where it is reached. Only an address that is named in the configuration may be private; `ca_file` may be empty.
base::Result<net::Origin> origin_of(const ApiUrl& api, bool is_named, const std::string& ca_file);

class Account {
 public:
  // Options that validate() let through.
  explicit Account(const AccountOptions& options);

  [[nodiscard]] bool is_of(const queue::JobSpec& spec) const;
  [[nodiscard]] const Forge& forge() const { return forge_; }
  [[nodiscard]] const std::string& api_url() const { return api_.text; }

  // `page`: the job's, or empty. The span in the status's origin is the call's.
  Answer tell(const queue::OwedStatus& owed, const std::string& page, std::chrono::milliseconds limit,
              std::stop_token stop);

 private:
  [[nodiscard]] Status put(const queue::OwedStatus& owed, const std::string& page) const;
  Answer tell_as_app(const queue::OwedStatus& owed, const Status& status, const Call& call);
  Answer find_run(const Status& status, const Call& call, const std::string& token);

  AccountOptions options_;
  const Forge& forge_;
  ApiUrl api_;
  std::unique_ptr<net::Transport> transport_;
  std::unique_ptr<GithubApp> app_;
};

// The first one that fits; null: nobody is told of such a job.
Account* account_of(const std::vector<std::unique_ptr<Account>>& accounts, const queue::JobSpec& spec);

// Whether somebody is told of such jobs: by the options alone, for who has no accounts.
queue::Owes owes_by(const Options& options);

}  // namespace cadence::feedback
