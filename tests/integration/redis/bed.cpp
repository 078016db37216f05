#include "bed.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/text.hpp"
#include "ports.hpp"
#include "redis/plan/summary.hpp"

namespace cadence::test {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr const char* kPassword = "application-secret";
constexpr const char* kOperatorPassword = "operator secret\"";

bool is_free(int port) {
  const redis::Descriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(socket.number(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return ::bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool is_ours(int port) { return claim_port(port) && is_free(port); }

// A port whose bus port is free as well, below the range the kernel hands out itself, and neither is another test's.
redis::Address fresh_address() {
  static int next = 11000 + static_cast<int>(::getpid() % 400) * 20;
  while (!is_ours(++next) || !is_ours(next + 10000)) {
    if (next > 22000) next = 11000;
  }
  return {"127.0." + std::to_string(next % 250) + "." + std::to_string(1 + next / 250),
          static_cast<std::uint16_t>(next)};
}

void write_file(const std::string& path, const std::string& text) { std::ofstream(path) << text; }

redis::Limits within(milliseconds bound) { return {.deadline = base::system_clock().monotonic() + bound}; }

pid_t spawn(const std::vector<std::string>& arguments, const std::string& output, const std::string& ip,
            const std::string& name) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  const int log = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  setenv("POD_IP", ip.c_str(), 1);
  setenv("POD_NAME", name.c_str(), 1);
  std::vector<char*> words;
  for (const auto& word : arguments) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  execv(words.front(), words.data());
  _exit(127);
}

bool has_written_its_log(const redis::Target& target) {
  auto connection = redis::Connection::open({.address = target.address, .unix_socket = {}}, target.credentials,
                                            within(milliseconds(1000)));
  if (!connection) return false;
  const auto info = connection->call({"INFO", "persistence"}, within(milliseconds(1000)));
  // Servers without a log do not have the line.
  return info && (info->text.find("aof_buffer_length:0\r\n") != std::string::npos ||
                  info->text.find("aof_enabled:0") != std::string::npos);
}

// A node may be too busy to answer one look.
std::string await_name(const std::function<std::string()>& look) {
  std::string found;
  eventually([&] { return !(found = look()).empty(); });
  return found;
}

// Of a master: whether so many replicas have confirmed all that it has.
bool is_copied(const redis::Target& target, int replicas) {
  auto connection = redis::Connection::open({.address = target.address, .unix_socket = {}}, target.credentials,
                                            within(milliseconds(1000)));
  if (!connection) return false;
  const auto info = connection->call({"INFO", "replication"}, within(milliseconds(1000)));
  if (!info) return false;
  if (info->text.find("role:slave") != std::string::npos) return true;
  const std::string name = "master_repl_offset:";
  const auto at = info->text.find(name) + name.size();
  const auto confirmed = ",offset=" + info->text.substr(at, info->text.find('\r', at) - at) + ",";
  int found = 0;
  for (auto from = info->text.find(confirmed); from != std::string::npos; from = info->text.find(confirmed, from + 1))
    ++found;
  return found >= replicas;
}

int code_of(int status) { return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status); }

}  // namespace

bool eventually(const std::function<bool()>& holds, milliseconds bound) {
  const auto deadline = base::system_clock().monotonic() + bound;
  while (!holds()) {
    if (base::system_clock().monotonic() >= deadline) return false;
    base::wait_for({}, milliseconds(20));
  }
  return true;
}

Node::Node(std::string root, std::string name, int shard, int ordinal, bool keeps_data)
    : folder_(std::move(root) + "/" + name),
      name_(std::move(name)),
      shard_(shard),
      ordinal_(ordinal),
      address_(fresh_address()) {
  for (const auto* part : {"/data", "/run", "/secrets"}) fs::create_directories(folder_ + part);
  write_file(folder_ + "/secrets/password", std::string(kPassword) + "\n");
  write_file(folder_ + "/secrets/operator-password", kOperatorPassword);
  write_file(folder_ + "/secrets/webhook-password", "webhook-secret");
  write_file(
      folder_ + "/redis.conf",
      "cluster-enabled yes\ncluster-node-timeout " + std::to_string(kNodeTimeout.count()) +
          "\ncluster-require-full-coverage no\ncluster-replica-validity-factor 0\ncluster-allow-replica-migration no\n"
          "repl-diskless-sync-delay 0\nsave \"\"\nappendonly " +
          (keeps_data ? "yes" : "no") + "\n");
}

Node::~Node() {
  if (!is_running()) return;
  const pid_t server_pid = server();
  thaw();
  if (server_pid > 0) ::kill(server_pid, SIGKILL);
  ::kill(agent_, SIGKILL);
  wait_for_end();
}

std::vector<std::string> Node::arguments() const {
  std::vector<std::string> out{CADENCE_AGENT_PROGRAM,
                               "redis",
                               "--data",
                               folder_ + "/data",
                               "--config",
                               folder_ + "/redis.conf",
                               "--secrets",
                               folder_ + "/secrets",
                               "--run",
                               folder_ + "/run",
                               "--port",
                               std::to_string(address_.port)};
  for (const auto& peer : peers_) out.insert(out.end(), {"--peers", peer});
  return out;
}

void Node::start() { agent_ = spawn(arguments(), folder_ + "/log", address_.ip, name_); }
void Node::move() { address_ = fresh_address(); }

pid_t Node::server() const {
  const auto id = std::to_string(agent_);
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  pid_t out = -1;
  children >> out;
  return out;
}

int Node::wait_for_end() {
  int status = 0;
  ::waitpid(agent_, &status, 0);
  agent_ = -1;
  return code_of(status);
}

int Node::stop() {
  ::kill(agent_, SIGTERM);
  return wait_for_end();
}

void Node::crash() {
  const pid_t server_pid = server();
  ASSERT_GT(server_pid, 0) << log();
  ::kill(server_pid, SIGKILL);
  EXPECT_EQ(wait_for_end(), 128 + SIGKILL);
}

void Node::freeze() const { ::kill(server(), SIGSTOP); }
void Node::thaw() const {
  if (server() > 0) ::kill(server(), SIGCONT);
}
void Node::wipe() const {
  fs::remove_all(folder_ + "/data");
  fs::create_directories(folder_ + "/data");
}
void Node::write_secrets(const std::string& application, const std::string& by_operator) const {
  write_file(folder_ + "/secrets/password", application);
  write_file(folder_ + "/secrets/operator-password", by_operator);
}
void Node::accept_loss() const { write_file(folder_ + "/accept-data-loss", std::to_string(shard_) + "\n"); }
void Node::lose_data() const {
  fs::remove_all(folder_ + "/data/appendonlydir");
  fs::remove(folder_ + "/data/dump.rdb");
}

int Node::run_probe(const std::string& flag) const {
  auto words = arguments();
  words.push_back(flag);
  const pid_t pid = spawn(words, folder_ + "/probe.log", address_.ip, name_);
  int status = 0;
  ::waitpid(pid, &status, 0);
  return code_of(status);
}

redis::Target Node::target() const { return {name_, address_, {"operator", kOperatorPassword}}; }

redis::plan::PodView Node::view() const {
  return {.name = name_,
          .shard = shard_,
          .ordinal = ordinal_,
          .address = address_,
          .probe = redis::Unreachable{},
          .is_going = false};
}

std::string Node::log() const {
  std::ifstream file(folder_ + "/log");
  return {std::istreambuf_iterator<char>(file), {}};
}

Bed::Bed(redis::plan::DesiredTopology wanted) : desired(std::move(wanted)) {
  for (int shard = 0; shard < desired.shards; ++shard) {
    for (int ordinal = 0; ordinal <= desired.replicas_per_shard; ++ordinal) add(shard, ordinal);
  }
}

Bed::~Bed() {
  if (testing::Test::HasFailure()) {
    for (const auto& node : nodes) std::cerr << "---- " << node->name() << "\n" << node->log();
    for (const auto& line : done) std::cerr << line << "\n";
  }
  nodes.clear();
}

Node& Bed::add(int shard, int ordinal) {
  const auto name = "demo-redis-" + std::to_string(shard) + "-" + std::to_string(ordinal);
  nodes.push_back(std::make_unique<Node>(root_.path(), name, shard, ordinal, !desired.is_cache));
  nodes.back()->start();
  return *nodes.back();
}

Node& Bed::node(int shard, int ordinal) {
  return by_name("demo-redis-" + std::to_string(shard) + "-" + std::to_string(ordinal));
}

Node& Bed::by_name(const std::string& name) {
  for (auto& node : nodes) {
    if (node->name() == name) return *node;
  }
  ADD_FAILURE() << "no node " << name;
  return *nodes.front();
}

redis::plan::Observation Bed::observe() const {
  std::vector<redis::Target> targets;
  for (const auto& node : nodes) targets.push_back(node->target());
  auto probes = redis::probe_all(targets, within(milliseconds(500)));
  redis::plan::Observation out;
  for (const auto& node : nodes) {
    out.pods.push_back(node->view());
    out.pods.back().probe = probes.at(node->name());
  }
  return out;
}

redis::plan::Plan Bed::reach(redis::plan::Phase phase, std::size_t commands_per_pass, std::chrono::seconds bound) {
  const auto deadline = base::system_clock().monotonic() + bound;
  redis::plan::Plan plan;
  while (base::system_clock().monotonic() < deadline) {
    plan = redis::plan::plan_redis(desired, observe());
    desired.was_formed |= plan.is_formed;
    if (plan.phase == phase && plan.commands.empty()) return plan;
    std::size_t count = 0;
    for (const auto& command : plan.commands) {
      if (count++ == commands_per_pass) break;
      const auto outcome = redis::execute(nodes.front()->target().credentials, command, within(milliseconds(5000)));
      done.push_back(to_text(command) + (outcome ? "" : " FAILED " + outcome.error().message));
      if (!outcome) break;
    }
    base::wait_for({}, milliseconds(plan.commands.empty() ? 100 : 10));
  }
  ADD_FAILURE() << "not " << to_string(phase) << " in time\n" << to_text(plan);
  return plan;
}

base::Result<redis::Reply> Bed::ask(const redis::Request& request) const {
  const redis::Credentials application{"default", kPassword};
  base::Error problem{base::ErrorKind::Transient, "nobody answered"};
  for (const auto& node : nodes) {
    auto address = node->target().address;
    for (int hop = 0; hop < 2; ++hop) {
      auto connection =
          redis::Connection::open({.address = address, .unix_socket = {}}, application, within(milliseconds(5000)));
      if (!connection) break;
      auto replies = connection->pipeline({request}, within(milliseconds(5000)));
      if (!replies) break;
      const auto& reply = replies->front();
      if (!reply.is_error()) return reply;
      problem = redis::to_error(reply);
      if (!reply.text.starts_with("MOVED ")) break;
      const auto place = base::split(base::split(reply.text, ' ').at(2), ':');
      address = {place.at(0), static_cast<std::uint16_t>(std::stoi(place.at(1)))};
    }
  }
  return problem;
}

void Bed::write_keys(int count) const {
  for (int i = 0; i < count; ++i) {
    const auto answer = ask({"SET", "key:" + std::to_string(i), std::to_string(i)});
    ASSERT_TRUE(answer) << answer.error().message;
  }
  // While a flush is under way, on a slow disk for seconds, Redis keeps what comes in its own memory, and a crash takes
  // it.
  for (const auto& node : nodes) ASSERT_TRUE(eventually([&] { return has_written_its_log(node->target()); }));
  // And a master that dies takes what its replica has not heard of.
  for (const auto& node : nodes)
    ASSERT_TRUE(eventually([&] { return is_copied(node->target(), desired.replicas_per_shard); }));
}

int Bed::await_keys(int count, int wanted) const {
  int found = 0;
  eventually([&] { return (found = count_keys(count)) == (wanted < 0 ? count : wanted); });
  return found;
}

int Bed::keys_at(const Node& node) const {
  auto connection = redis::Connection::open({.address = node.target().address, .unix_socket = {}},
                                            node.target().credentials, within(milliseconds(5000)));
  const auto size = connection ? connection->call({"DBSIZE"}, within(milliseconds(5000)))
                               : base::Result<redis::Reply>(connection.error());
  EXPECT_TRUE(size);
  return size ? static_cast<int>(size->integer) : -1;
}

int Bed::count_keys(int count) const {
  int out = 0;
  for (int i = 0; i < count; ++i) {
    const auto answer = ask({"GET", "key:" + std::to_string(i)});
    out += answer && answer->text == std::to_string(i) ? 1 : 0;
  }
  return out;
}

Node& Bed::master_of(int shard) {
  return by_name(await_name(
      [&] { return redis::plan::summarize(desired, observe()).shards.at(static_cast<std::size_t>(shard)).master; }));
}

Node& Bed::replica_of(int shard) {
  return by_name(await_name([&] {
    const auto replicas =
        redis::plan::summarize(desired, observe()).shards.at(static_cast<std::size_t>(shard)).replicas;
    return replicas.empty() ? std::string() : replicas.front();
  }));
}

}  // namespace cadence::test
