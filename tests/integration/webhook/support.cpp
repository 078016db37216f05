#include "support.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "base/text.hpp"
#include "net/pki.hpp"
#include "net/transport.hpp"
#include "ports.hpp"

namespace cadence::test {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

namespace {

constexpr const char* kPostgres = "/usr/lib/postgresql/15/bin/";
constexpr const char* kSecret = "hush";

std::string read_file(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// postgres refuses to run as root.
std::vector<std::string> unprivileged(std::vector<std::string> command) {
  if (geteuid() != 0) return command;
  std::vector<std::string> wrapped = {"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"};
  wrapped.insert(wrapped.end(), command.begin(), command.end());
  return wrapped;
}

}  // namespace

bool eventually(const std::function<bool()>& condition, milliseconds bound) {
  const auto until = std::chrono::steady_clock::now() + bound;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(milliseconds(20));  // the pause between two looks, not a guess at a duration
  }
  return true;
}

int run(const std::vector<std::string>& command, const fs::path& folder) {
  Process process(command, folder, "/dev/null");
  return process.wait(std::chrono::seconds(60)).value_or(-1);
}

int open_silent_port() {
  const int port = free_port();
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || listen(listener, 1024) != 0)
    throw std::runtime_error("no port for a silent server");
  return port;
}

Process::Process(const std::vector<std::string>& command, const fs::path& folder, const fs::path& log) {
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ != 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // nothing outlives a test that crashed
  if (getppid() != parent) _exit(127);
  const int out = open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
  dup2(out, 1);
  dup2(out, 2);
  if (chdir(folder.c_str()) != 0) _exit(127);
  execvp(arguments[0], arguments.data());
  _exit(127);
}

Process::~Process() {
  if (is_over_) return;
  signal(SIGKILL);
  waitpid(pid_, nullptr, 0);
}

void Process::signal(int number) const {
  if (!is_over_) ::kill(pid_, number);
}

std::optional<int> Process::wait(milliseconds bound) {
  int status = 0;
  if (!eventually([&] { return waitpid(pid_, &status, WNOHANG) == pid_; }, bound)) return std::nullopt;
  is_over_ = true;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

PostgresServer::PostgresServer(std::vector<std::string> settings) : settings_(std::move(settings)), port_(free_port()) {
  give_folder_away();
  const auto made = run(unprivileged({std::string(kPostgres) + "initdb", "-D", (folder_.path() / "data").string(), "-U",
                                      "cadence", "-A", "trust", "--no-sync"}));
  if (made != 0) throw std::runtime_error("initdb failed");
  start();
}

PostgresServer::PostgresServer(const PostgresServer& primary) : settings_(primary.settings_), port_(free_port()) {
  give_folder_away();
  const auto copied =
      run(unprivileged({std::string(kPostgres) + "pg_basebackup", "-D", (folder_.path() / "data").string(), "-R", "-c",
                        "fast", "--no-sync", "-d", primary.base_address() + "?application_name=standby"}));
  if (copied != 0) throw std::runtime_error("pg_basebackup failed");
  start();
}

std::unique_ptr<PostgresServer> PostgresServer::make_standby() {
  auto standby = std::unique_ptr<PostgresServer>(new PostgresServer(*this));
  query(base_address() + "postgres", "alter system set synchronous_standby_names = 'standby'");
  query(base_address() + "postgres", "select pg_reload_conf()");
  const auto states = "select string_agg(sync_state, ' ') from pg_stat_replication";
  if (!eventually([&] { return query(base_address() + "postgres", states) == "sync"; }))
    throw std::runtime_error("the standby did not follow");
  return standby;
}

void PostgresServer::give_folder_away() const {
  if (geteuid() != 0) return;
  const auto* user = getpwnam("postgres");
  if (user == nullptr || chown(folder_.path().c_str(), user->pw_uid, user->pw_gid) != 0)
    throw std::runtime_error("no user postgres");
}

std::string PostgresServer::base_address() const {
  return "postgresql://cadence@127.0.0.1:" + std::to_string(port_) + "/";
}

PostgresServer::~PostgresServer() { stop(); }

void PostgresServer::start() {
  std::vector<std::string> command = {std::string(kPostgres) + "postgres",
                                      "-D",
                                      (folder_.path() / "data").string(),
                                      "-p",
                                      std::to_string(port_),
                                      "-c",
                                      "listen_addresses=127.0.0.1",
                                      "-c",
                                      "unix_socket_directories=" + folder_.path().string()};
  for (const auto& setting : settings_) command.insert(command.end(), {"-c", setting});
  process_ = std::make_unique<Process>(unprivileged(std::move(command)), folder_.path(), "/dev/null");
  const auto port = std::to_string(port_);
  if (!eventually([&] {
        return run({std::string(kPostgres) + "pg_isready", "-q", "-h", "127.0.0.1", "-p", port}) == 0;
      }))
    throw std::runtime_error("postgres did not start");
}

void PostgresServer::stop() {
  if (!process_) return;
  process_->signal(SIGQUIT);
  (void)process_->wait(std::chrono::seconds(20));
  process_.reset();
}

std::string PostgresServer::create_database() {
  const auto name = "test" + std::to_string(++databases_);
  query(base_address() + "postgres", "create database " + name);
  return base_address() + name;
}

std::string PostgresServer::query(const std::string& address, const std::string& sql) {
  const auto out = folder_.path() / "query.out";
  fs::remove(out);
  Process psql({"psql", "-X", "-t", "-A", "-c", sql, address}, "/", out);
  if (psql.wait(std::chrono::seconds(30)) != 0) throw std::runtime_error("psql failed: " + read_file(out));
  return std::string(base::trim(read_file(out)));
}

GitServer::GitServer() : port_(free_port()) {
  const auto work = folder_.path() / "work";
  fs::create_directory(work);
  std::ofstream(folder_.path() / "make.sh") << R"(set -e
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=mira GIT_AUTHOR_EMAIL=m@example.org
export GIT_COMMITTER_NAME=mira GIT_COMMITTER_EMAIL=m@example.org
git init -q -b trunk .
for i in 1 2 3; do
  seq 1 $((i * 300)) > file$i; git add .
  GIT_AUTHOR_DATE="2026-03-0${i}T10:00:00Z" GIT_COMMITTER_DATE="2026-03-0${i}T10:00:00Z" git commit -q -m "step $i"
done
git clone -q --bare . ../kiln.git
git init -q --bare ../empty.git
git rev-parse HEAD > ../tip
)";
  if (run({"sh", "../make.sh"}, work) != 0) throw std::runtime_error("git failed");
  tip_ = base::trim(read_file(folder_.path() / "tip"));
  daemon_ = std::make_unique<Process>(
      std::vector<std::string>{"/usr/lib/git-core/git-daemon", "--listen=127.0.0.1", "--port=" + std::to_string(port_),
                               "--reuseaddr", "--export-all", "--base-path=" + folder_.path().string()},
      folder_.path(), folder_.path() / "daemon.log");
  if (!eventually([&] { return run({"git", "ls-remote", "-q", url()}) == 0; }))
    throw std::runtime_error("git daemon did not start");
}

std::string GitServer::url(const std::string& name) const {
  return "git://127.0.0.1:" + std::to_string(port_) + "/" + name + ".git";
}

WebhookServer::WebhookServer(fs::path folder, std::string store, std::string extra_config, Times times)
    : folder_(std::move(folder)), port_(free_port()) {
  std::ofstream(folder_ / "address") << store;
  std::ofstream(folder_ / "cadence.yml")
      << "webhook: {host: 127.0.0.1, port: " << port_ << ", secret: " << kSecret << ", api: {token: " << kToken << "}"
      << ", drain_seconds: " << times.drain_seconds << ", ack_deadline_seconds: " << times.ack_deadline_seconds
      << ", read_timeout: " << times.read_timeout_seconds << (times.more.empty() ? "" : ", ") << times.more << "}\n"
      << (extra_config.empty()
              ? "clone: {allow_private_networks: true, cache: {folder: " + (folder_ / "cache").string() + "}}\n"
              : extra_config);
}

void WebhookServer::start(Until until) {
  std::vector<std::string> command = {CADENCE_WEBHOOK_PROGRAM, "serve", "--config", "cadence.yml"};
  // Without an address the server shall use what it uses by itself.
  if (!read_file(folder_ / "address").empty()) command.insert(command.end(), {"--store-file", "address"});
  process_ = std::make_unique<Process>(command, folder_, folder_ / "log");
  const char* path = until == Until::Stores ? "/ready/deep" : "/livez";
  if (!eventually([&] { return ask("GET", path).status == 200; }, std::chrono::seconds(20)))
    throw std::runtime_error("server did not start: " + log());
}

void WebhookServer::kill() {
  process_->signal(SIGKILL);
  (void)process_->wait(std::chrono::seconds(10));
}

std::optional<int> WebhookServer::terminate(milliseconds bound) {
  process_->signal(SIGTERM);
  return process_->wait(bound);
}

net::Response WebhookServer::ask(const std::string& method, const std::string& target, std::vector<net::Header> headers,
                                 std::string body) const {
  const auto transport = net::make_beast_transport([port = port_] {
    return net::Origin{"127.0.0.1", static_cast<std::uint16_t>(port), std::nullopt};
  });
  // "Authorization" without a value asks as a stranger.
  const auto given =
      std::find_if(headers.begin(), headers.end(), [](auto& header) { return header.name == "Authorization"; });
  if (given == headers.end()) headers.push_back({"Authorization", std::string("Bearer ") + kToken});
  else if (given->value.empty()) headers.erase(given);
  net::Request request{method, target, std::move(headers), std::move(body)};
  auto response = transport->send(request, std::chrono::seconds(15), {});
  return response ? *response : net::Response{0, {}, response.error().message};
}

net::Response WebhookServer::signed_post(const std::string& body, std::vector<net::Header> headers) const {
  headers.push_back({"X-Hub-Signature-256", "sha256=" + base::to_hex(net::hmac_sha256(kSecret, body))});
  return ask("POST", "/webhooks/github", std::move(headers), body);
}

net::Response WebhookServer::push(const std::string& delivery, const std::string& url,
                                  const std::string& commit) const {
  const auto body = R"({"ref":"refs/heads/trunk","after":")" + commit +
                    R"(","repository":{"id":7,"name":"kiln","full_name":"potters/kiln","clone_url":")" + url +
                    R"("},"pusher":{"name":"mira"},"sent":")" + delivery + "\"}";
  return signed_post(
      body, {{"X-GitHub-Event", "push"}, {"X-GitHub-Delivery", delivery}, {"Content-Type", "application/json"}});
}

std::string WebhookServer::log() const { return read_file(folder_ / "log"); }

std::string member(const std::string& json, const std::string& name) {
  const auto marker = "\"" + name + "\":\"";
  const auto at = json.find(marker);
  if (at == std::string::npos) return {};
  return json.substr(at + marker.size(), json.find('"', at + marker.size()) - at - marker.size());
}

}  // namespace cadence::test
