#include "agent/redis/configuration.hpp"

#include <cctype>
#include <utility>

#include "agent/redis/files.hpp"
#include "base/text.hpp"
#include "files/files.hpp"
#include "net/pki.hpp"

namespace cadence::agent::redis {
namespace {

using base::Error;
using base::ErrorKind;

constexpr std::size_t kLocalPasswordLength = 32;

base::Result<std::string> read_secret(const std::string& path) {
  auto text = files::read_secret(path);
  if (text && text->empty()) return Error{ErrorKind::Invalid, "The secret in " + path + " is empty"};
  return text;
}

// As redis.conf reads it back, whatever bytes it has.
std::string quoted(const std::string& text) {
  std::string out = "\"";
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0 || c == '.' || c == '-' || c == '/' || c == '_') {
      out += static_cast<char>(c);
    } else {
      out += "\\x" + base::to_hex(std::string_view(reinterpret_cast<const char*>(&c), 1));
    }
  }
  return out + "\"";
}

std::string hashed(const std::string& password) { return "#" + base::to_hex(net::sha256(password)); }

// Reads and writes single keys below its prefix, and learns where they lie and how full it is there.
constexpr std::string_view kWebhookRights =
    "~cadence:* resetchannels -@all +get +set +ping +asking +cluster|nodes +dbsize +info";

}  // namespace

base::Result<Secrets> read_secrets(const std::string& folder) {
  auto application = read_secret(folder + "/password");
  if (!application) return application.error();
  auto by_operator = read_secret(folder + "/operator-password");
  if (!by_operator) return by_operator.error();
  const auto if_there = [&](const char* file) {
    auto text = read_secret(folder + file);
    return text ? std::move(*text) : std::string();
  };
  return Secrets{std::move(*application),        std::move(*by_operator),
                 if_there("/previous-password"), if_there("/previous-operator-password"),
                 if_there("/webhook-password"),  if_there("/previous-webhook-password")};
}

std::string render_server_config(const Places& places, const Pod& pod, const Secrets& secrets) {
  std::string out;
  const auto set = [&](const std::string& name, const std::string& value) { out += name + " " + value + "\n"; };
  set("include", quoted(places.config));
  set("bind", "* -::*");
  // Every user has a password; protected mode would only lock the other pods out.
  set("protected-mode", "no");
  set("port", std::to_string(pod.port));
  set("unixsocket", quoted(places.socket()));
  set("unixsocketperm", "700");
  set("daemonize", "no");
  set("supervised", "no");
  set("pidfile", "\"\"");
  set("logfile", "\"\"");
  set("always-show-logo", "no");
  set("dir", quoted(places.data));
  set("cluster-config-file", "nodes.conf");
  set("aclfile", quoted(places.users()));
  set("masteruser", kReplicationUser);
  set("masterauth", quoted(secrets.shown()));
  set("enable-protected-configs", "no");
  set("enable-debug-command", "no");
  set("enable-module-command", "no");
  if (!pod.ip.empty()) set("cluster-announce-ip", pod.ip);
  if (!pod.hostname.empty()) set("cluster-announce-hostname", pod.hostname);
  return out;
}

std::string render_users(const Secrets& secrets, const std::string& local_password) {
  const auto both = [](const std::string& password, const std::string& previous) {
    return hashed(password) + (previous.empty() ? "" : " " + hashed(previous));
  };
  const auto application = both(secrets.application_password, secrets.previous_application);
  const auto by_operator = both(secrets.operator_password, secrets.previous_operator);
  const auto webhook =
      secrets.webhook_password.empty() ? "resetpass" : both(secrets.webhook_password, secrets.previous_webhook);
  std::string out;
  out += std::string("user ") + kWebhookUser + " on " + webhook + " " + std::string(kWebhookRights) + "\n";
  out += "user default on " + application + " ~* &* +@all -@admin -@dangerous +info +role\n";
  // Nothing that the operator does may erase data.
  for (const auto& [user, password] :
       {std::pair{kOperatorUser, by_operator}, std::pair{kLocalUser, hashed(local_password)}}) {
    out += std::string("user ") + user + " on " + password +
           " ~* &* +@all -flushall -flushdb -swapdb -debug -module -shutdown\n";
  }
  out += std::string("user ") + kReplicationUser + " on " + by_operator + " -@all +psync +sync +replconf +ping\n";
  return out;
}

base::Result<void> write_files(const Places& places, const Pod& pod, const Secrets& secrets) {
  const auto local_password = base::random_password(kLocalPasswordLength);
  if (auto users = write_private(places.users(), render_users(secrets, local_password)); !users) return users;
  if (auto login = write_private(places.login(), local_password); !login) return login;
  return write_private(places.server_config(), render_server_config(places, pod, secrets));
}

bool keeps_data(const Places& places) {
  for (const auto& line : base::split(read_file(places.config), '\n')) {
    if (base::trim(line) == "appendonly yes") return true;
  }
  return false;
}

bool is_loss_accepted(const Places& places, int shard) {
  for (const auto& word : base::split(base::replace_all(read_file(places.accepted_losses()), "\n", " "), ' ')) {
    if (shard >= 0 && word == std::to_string(shard)) return true;
  }
  return false;
}

cadence::redis::Endpoint local_endpoint(const Places& places) {
  return {.address = {}, .unix_socket = places.socket()};
}

std::vector<cadence::redis::Request> password_commands(const std::vector<Secrets>& good) {
  const auto turn = [&](const char* user, std::string Secrets::*password, std::string Secrets::*previous) {
    cadence::redis::Request out{"ACL", "SETUSER", user, "resetpass"};
    for (const auto& secrets : good) {
      if (!(secrets.*password).empty()) out.push_back(hashed(secrets.*password));
      if (!(secrets.*previous).empty()) out.push_back(hashed(secrets.*previous));
    }
    return out;
  };
  const auto by_operator = [&](const char* user) {
    return turn(user, &Secrets::operator_password, &Secrets::previous_operator);
  };
  return {turn("default", &Secrets::application_password, &Secrets::previous_application),
          by_operator(kOperatorUser),
          by_operator(kReplicationUser),
          turn(kWebhookUser, &Secrets::webhook_password, &Secrets::previous_webhook),
          {"CONFIG", "SET", "masterauth", good.front().shown()}};
}

cadence::redis::Credentials local_credentials(const Places& places) { return {kLocalUser, read_file(places.login())}; }

cadence::redis::Credentials operator_credentials(const Secrets& secrets) { return {kOperatorUser, secrets.shown()}; }

}  // namespace cadence::agent::redis
