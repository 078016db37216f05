// A double of the providers' APIs for statuses, on loopback over TLS with an authority of its own. Promises: takes only
// what the providers document (path, method, headers, token, members, lengths) and notes everything else as a fault;
// answers out of the ordinary when it is told to. Lives as long as its object.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "net/server.hpp"
#include "support.hpp"

namespace cadence::test {

// What was taken: a status of a commit, in the provider's own words.
struct Told {
  std::string api, repository, commit, state, description, url;
  bool operator==(const Told&) const = default;
};

class ForgeDouble {
 public:
  static constexpr const char* kToken = "t0ken-of-the-tests";
  ForgeDouble();
  virtual ~ForgeDouble();
  ForgeDouble(const ForgeDouble&) = delete;
  ForgeDouble& operator=(const ForgeDouble&) = delete;

  // "https://127.0.0.1:PORT/NAME": github, gitlab, gitea, bitbucket, bitbucketServer; without the API's own path.
  [[nodiscard]] std::string url(const std::string& name) const;
  [[nodiscard]] std::string ca_file() const { return (folder_.path() / "ca.crt").string(); }
  [[nodiscard]] std::string token_file() const { return (folder_.path() / "token").string(); }
  void write_token(const std::string& token) const;
  // An RSA key whose proofs the double takes as those of App 4711.
  [[nodiscard]] std::string app_key_file() const { return (folder_.path() / "app.pem").string(); }

  // Each of the next requests is answered with one of these instead; a status of 0 is never answered.
  void answer_next(std::vector<net::Response> answers);
  void answer_all(std::optional<net::Response> answer);
  [[nodiscard]] std::vector<Told> told() const;
  [[nodiscard]] std::vector<std::string> states(const std::string& commit) const;
  [[nodiscard]] std::vector<std::string> faults() const;
  [[nodiscard]] int requests() const;
  [[nodiscard]] int count(const std::string& method_and_part) const;  // of requests, as "POST /check-runs"

 protected:
  // Under the lock. "/NAME/PATH".
  virtual net::Response answer(const net::RequestHead& head, const std::string& body);
  net::Response fault(int status, const std::string& why);
  // Nothing: the App's key has signed the proof that is shown.
  std::optional<net::Response> refuse_app(const net::RequestHead& head);
  void close() { server_.reset(); }  // answers nobody any more
  mutable std::mutex mutex_;

 private:
  class Sink;
  void receive(const net::RequestHead& head, const std::string& body, const net::Responder& respond);
  net::Response take_status(const std::string& api, const net::RequestHead& head, const std::string& path,
                            const std::string& body);
  net::Response take_app(const net::RequestHead& head, const std::string& path, const std::string& body);
  net::Response take_check_run(const net::RequestHead& head, const std::string& path, const std::string& body);

  Folder folder_;
  std::deque<net::Response> next_;
  std::optional<net::Response> always_;
  std::vector<net::Responder> hanging_;
  std::vector<Told> told_;
  std::vector<std::string> faults_, lines_;
  std::map<std::int64_t, json::Value> runs_;
  std::unique_ptr<net::Server> server_;
};

}  // namespace cadence::test
