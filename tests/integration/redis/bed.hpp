// Real redis-server processes on loopback, each run by the real agent in a folder of its own, and the real planner and
// executor over them. Promises: everything started is stopped by its process id, everything written is removed; every
// wait is bounded.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "folder.hpp"
#include "redis/executor.hpp"
#include "redis/plan/plan.hpp"

namespace cadence::test {

inline constexpr std::chrono::milliseconds kNodeTimeout{1500};

class Node {
 public:
  Node(std::string root, std::string name, int shard, int ordinal, bool keeps_data);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  void start();
  void move();   // another address from the next start on
  int stop();    // SIGTERM to the agent; its exit code
  void crash();  // SIGKILL to the server
  void freeze() const;
  void thaw() const;
  void wipe() const;  // the volume is lost
  void write_secrets(const std::string& application, const std::string& by_operator) const;
  void accept_loss() const;  // of its shard's data, as spec.redis.acceptDataLoss says it
  void know(std::vector<std::string> peers) { peers_ = std::move(peers); }  // as the cluster's Service finds them
  void lose_data() const;                                                   // all but the node table
  [[nodiscard]] bool is_running() const { return agent_ > 0; }
  [[nodiscard]] int run_probe(const std::string& flag) const;

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] redis::Target target() const;
  [[nodiscard]] redis::plan::PodView view() const;  // without a probe
  [[nodiscard]] const std::string& folder() const { return folder_; }
  [[nodiscard]] std::string log() const;
  [[nodiscard]] pid_t agent() const { return agent_; }

 private:
  [[nodiscard]] std::vector<std::string> arguments() const;
  [[nodiscard]] pid_t server() const;
  int wait_for_end();

  std::string folder_, name_;
  int shard_, ordinal_;
  redis::Address address_;
  pid_t agent_ = -1;
  std::vector<std::string> peers_;
};

class Bed {
 public:
  explicit Bed(redis::plan::DesiredTopology desired = {});
  ~Bed();

  redis::plan::DesiredTopology desired;
  std::vector<std::unique_ptr<Node>> nodes;
  std::vector<std::string> done;  // the commands that were carried out, as text

  Node& add(int shard, int ordinal);
  Node& node(int shard, int ordinal);
  [[nodiscard]] Node& by_name(const std::string& name);

  [[nodiscard]] redis::plan::Observation observe() const;
  // Observe, plan, execute until the plan says `phase`; at most `commands_per_pass` of each plan are carried out, as if
  // the operator died.
  redis::plan::Plan reach(redis::plan::Phase phase, std::size_t commands_per_pass = 1000,
                          std::chrono::seconds bound = std::chrono::seconds(60));
  redis::plan::Plan reach_healthy() { return reach(redis::plan::Phase::Healthy); }

  // As an application: follows one redirect.
  [[nodiscard]] base::Result<redis::Reply> ask(const redis::Request& request) const;
  void write_keys(int count) const;  // returns when replicas have them, too
  // How many are there, once that is what is wanted, all of them if nothing is said: a shard may be between two owners.
  [[nodiscard]] int await_keys(int count, int wanted = -1) const;
  [[nodiscard]] int keys_at(const Node& node) const;
  [[nodiscard]] Node& master_of(int shard);
  [[nodiscard]] Node& replica_of(int shard);

 private:
  [[nodiscard]] int count_keys(int count) const;

  test::Folder root_;
};

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds bound = std::chrono::seconds(30));

}  // namespace cadence::test
