// Real processes for tests: a PostgreSQL of its own, the webhook server, a git repository behind git daemon; all on
// loopback, all gone with their objects. Every wait is bounded.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "folder.hpp"
#include "net/http.hpp"

namespace cadence::test {

bool eventually(const std::function<bool()>& condition, std::chrono::milliseconds bound = std::chrono::seconds(30));
// Runs a command to its end; its exit code.
int run(const std::vector<std::string>& command, const std::filesystem::path& folder = "/");

// A server that takes connections and never says anything, until this process ends; its port.
int open_silent_port();

class Process {
 public:
  Process(const std::vector<std::string>& command, const std::filesystem::path& folder,
          const std::filesystem::path& log);
  ~Process();
  void signal(int number) const;
  // exit code, 128+n for a signal; nothing while it still runs
  std::optional<int> wait(std::chrono::milliseconds bound);
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  bool is_over_ = false;
};

// initdb and postgres 15 as an unprivileged user.
class PostgresServer {
 public:
  explicit PostgresServer(std::vector<std::string> settings = {"fsync=off"});
  ~PostgresServer();
  // A copy that follows this one, and for which this one's commits wait from now on.
  [[nodiscard]] std::unique_ptr<PostgresServer> make_standby();
  void start();
  void stop();                                                            // at once, as a crash would
  [[nodiscard]] std::string create_database();                            // its address
  std::string query(const std::string& address, const std::string& sql);  // first column of the first row
  [[nodiscard]] pid_t pid() const { return process_->pid(); }

 private:
  explicit PostgresServer(const PostgresServer& primary);
  void give_folder_away() const;
  [[nodiscard]] std::string base_address() const;

  Folder folder_;
  std::vector<std::string> settings_;
  int port_;
  int databases_ = 0;
  std::unique_ptr<Process> process_;
};

// A repository with three commits, served as git://127.0.0.1:PORT/NAME.git.
class GitServer {
 public:
  GitServer();
  [[nodiscard]] std::string url(const std::string& name = "kiln") const;
  [[nodiscard]] const std::string& tip() const { return tip_; }

 private:
  Folder folder_;
  int port_;
  std::string tip_;
  std::unique_ptr<Process> daemon_;
};

class WebhookServer {
 public:
  static constexpr const char* kToken = "tests-0123456789abcdef";  // of its API
  // A busy machine is given time enough: only a test of a deadline itself makes it short.
  struct Times {
    int drain_seconds = 1, ack_deadline_seconds = 12, read_timeout_seconds = 60;
    std::string more{};  // further keys of `webhook`, as "a: 1, b: 2"
  };
  WebhookServer(std::filesystem::path folder, std::string store, std::string extra_config = "")
      : WebhookServer(std::move(folder), std::move(store), std::move(extra_config), Times{}) {}
  WebhookServer(std::filesystem::path folder, std::string store, std::string extra_config, Times times);
  // Returns when the server answers and, unless told otherwise, has its store: what reads the store right after is not
  // 503.
  enum class Until { Stores, Serves };
  void start(Until until = Until::Stores);
  void kill();                                                    // SIGKILL
  std::optional<int> terminate(std::chrono::milliseconds bound);  // SIGTERM and wait
  Process& process() { return *process_; }
  [[nodiscard]] int port() const { return port_; }
  // With the server's API token, unless the headers have an Authorization of their own; an empty one is none.
  net::Response ask(const std::string& method, const std::string& target, std::vector<net::Header> headers = {},
                    std::string body = {}) const;
  // A signed push.
  [[nodiscard]] net::Response push(const std::string& delivery, const std::string& url,
                                   const std::string& commit = "") const;
  [[nodiscard]] net::Response signed_post(const std::string& body, std::vector<net::Header> headers) const;
  [[nodiscard]] std::string log() const;

 private:
  std::filesystem::path folder_;
  int port_;
  std::unique_ptr<Process> process_;
};

// "name":"value" in a flat JSON text; empty when absent.
std::string member(const std::string& json, const std::string& name);

}  // namespace cadence::test
