// Kubeconfig files: merged, then one context of them resolved to a Config.
#include <filesystem>

#include "base/text.hpp"
#include "files/files.hpp"
#include "json/value.hpp"
#include "kube/client/config.hpp"

namespace cadence::kube::client {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

Error invalid(const std::string& why) { return {ErrorKind::Invalid, "Could not read the kubeconfig: " + why}; }

// Paths in a kubeconfig are relative to the file they stand in.
void anchor(json::Value& entry, const std::string& folder, std::initializer_list<const char*> names) {
  if (!entry.is_object()) return;
  for (const char* name : names) {
    if (const auto path = json::string_at(entry, {name}); !path.empty() && path[0] != '/')
      entry[name] = folder + "/" + path;
  }
}

void anchor_paths(json::Value& document, const std::string& folder) {
  for (auto& named : document["clusters"]) anchor(named["cluster"], folder, {"certificate-authority"});
  for (auto& named : document["users"]) {
    auto& user = named["user"];
    anchor(user, folder, {"client-certificate", "client-key", "tokenFile"});
    // A plugin without a slash is found in PATH.
    if (json::string_at(user, {"exec", "command"}).find('/') != std::string::npos)
      anchor(user["exec"], folder, {"command"});
  }
}

Result<json::Value> read_file(const std::string& path) {
  const auto text = files::read(path);
  if (!text) return text.error().with_context("Could not use the kubeconfig");
  auto document = json::parse_yaml(*text);
  if (!document) return invalid(path + ": " + document.error().message);
  if (!document->is_object()) return invalid(path + ": not a mapping");
  for (const char* list : {"clusters", "users", "contexts"}) {
    auto& entries = (*document)[list];
    if (entries.is_null()) entries = json::Value::array();
    if (!entries.is_array()) return invalid(path + ": " + list + " is not a list");
    for (const auto& entry : entries) {
      if (!entry.is_object()) return invalid(path + ": an entry of " + list + " is not a mapping");
    }
  }
  const auto absolute = std::filesystem::absolute(path);
  anchor_paths(*document, absolute.parent_path().string());
  return document;
}

// The first entry of a name wins over all later files.
json::Value find_named(const std::vector<json::Value>& documents, const char* list, const std::string& name,
                       const char* member) {
  for (const auto& document : documents) {
    for (const auto& entry : json::at_path(document, {list})) {
      if (json::string_at(entry, {"name"}) == name) return json::at_path(entry, {member});
    }
  }
  return nullptr;
}

bool is_true(const json::Value& value, const char* name) {
  const auto& found = json::at_path(value, {name});
  return found.is_boolean() && found.get<bool>();
}

Result<void> read_data(const json::Value& from, const char* name, std::string& into) {
  const auto text = json::string_at(from, {name});
  if (text.empty()) return base::ok();
  auto decoded = base::from_base64(text);
  if (!decoded) return invalid(std::string(name) + " is not base64");
  into = std::move(*decoded);
  return base::ok();
}

// https://host:port/prefix
Result<void> read_server(const std::string& url, Config& config) {
  std::string_view rest = url;
  config.is_tls = !rest.starts_with("http://");
  const auto scheme = rest.find("://");
  if (scheme != std::string_view::npos) {
    if (config.is_tls && !rest.starts_with("https://")) return invalid("server " + url + " is neither http nor https");
    rest.remove_prefix(scheme + 3);
  }
  config.path_prefix = rest.find('/') == std::string_view::npos ? "" : std::string(rest.substr(rest.find('/')));
  while (config.path_prefix.ends_with('/')) config.path_prefix.pop_back();
  rest = rest.substr(0, rest.find('/'));
  std::string_view port;
  if (rest.starts_with('[')) {
    const auto end = rest.find(']');
    if (end == std::string_view::npos) return invalid("server " + url + " has no closing bracket");
    config.host = rest.substr(1, end - 1);
    port = rest.substr(end + 1);
  } else {
    config.host = rest.substr(0, rest.find(':'));
    port = rest.substr(config.host.size());
  }
  config.port = config.is_tls ? 443 : 80;
  if (!port.empty()) {
    const auto number = base::parse_integer(port.substr(1));
    if (port[0] != ':' || !number || *number < 1 || *number > 65535)
      return invalid("server " + url + " has no valid port");
    config.port = static_cast<std::uint16_t>(*number);
  }
  if (config.host.empty()) return invalid("server " + url + " has no host");
  return base::ok();
}

Result<void> read_cluster(const json::Value& cluster, Config& config) {
  if (!json::string_at(cluster, {"proxy-url"}).empty())
    return invalid("proxy-url is not supported: reach the API server directly");
  if (auto server = read_server(json::string_at(cluster, {"server"}), config); !server) return server;
  config.is_verified = !is_true(cluster, "insecure-skip-tls-verify");
  config.server_name = json::string_at(cluster, {"tls-server-name"});
  config.ca_file = json::string_at(cluster, {"certificate-authority"});
  return read_data(cluster, "certificate-authority-data", config.ca_pem);
}

Result<ExecPlugin> read_exec(const json::Value& exec) {
  ExecPlugin out;
  out.api_version = json::string_at(exec, {"apiVersion"});
  if (out.api_version != "client.authentication.k8s.io/v1" &&
      out.api_version != "client.authentication.k8s.io/v1beta1") {
    return invalid("exec apiVersion " + out.api_version + " is not supported");
  }
  out.command = json::string_at(exec, {"command"});
  if (out.command.empty()) return invalid("exec has no command");
  out.install_hint = json::string_at(exec, {"installHint"});
  out.has_cluster_info = is_true(exec, "provideClusterInfo");
  for (const auto& argument : json::at_path(exec, {"args"})) {
    if (argument.is_string()) out.args.push_back(argument.get<std::string>());
  }
  for (const auto& variable : json::at_path(exec, {"env"})) {
    out.environment.emplace_back(json::string_at(variable, {"name"}), json::string_at(variable, {"value"}));
  }
  return out;
}

Result<void> read_user(const json::Value& user, Config& config) {
  if (!json::at_path(user, {"auth-provider"}).is_null())
    return invalid("auth-provider was removed from Kubernetes: use exec");
  for (const char* name : {"as", "as-uid", "as-groups", "as-user-extra"}) {
    if (!json::at_path(user, {name}).is_null()) return invalid(std::string(name) + " (impersonation) is not supported");
  }
  config.token = json::string_at(user, {"token"});
  config.token_file = json::string_at(user, {"tokenFile"});
  config.username = json::string_at(user, {"username"});
  config.password = json::string_at(user, {"password"});
  config.certificate_file = json::string_at(user, {"client-certificate"});
  config.key_file = json::string_at(user, {"client-key"});
  if (auto read = read_data(user, "client-certificate-data", config.certificate_pem); !read) return read;
  if (auto read = read_data(user, "client-key-data", config.key_pem); !read) return read;
  if (const auto& exec = json::at_path(user, {"exec"}); exec.is_object()) {
    auto plugin = read_exec(exec);
    if (!plugin) return plugin.error();
    config.exec = std::move(plugin).value();
  }
  return base::ok();
}

}  // namespace

Result<Config> read_kubeconfig(const std::vector<std::string>& paths, const std::string& context) {
  std::vector<json::Value> documents;
  std::optional<Error> missing;
  for (const auto& path : paths) {
    auto document = read_file(path);
    if (document) documents.push_back(std::move(document).value());
    else if (document.error().kind != ErrorKind::NotFound) return document.error();
    else missing = document.error();
  }
  if (documents.empty()) return missing.value_or(invalid("no file was named"));
  std::string name = context;
  for (const auto& document : documents) {
    if (name.empty()) name = json::string_at(document, {"current-context"});
  }
  if (name.empty()) return invalid("there is no current-context");
  const auto chosen = find_named(documents, "contexts", name, "context");
  if (!chosen.is_object()) return invalid("there is no context " + name);
  const auto cluster = find_named(documents, "clusters", json::string_at(chosen, {"cluster"}), "cluster");
  if (!cluster.is_object()) return invalid("context " + name + " names a cluster that is not there");
  Config config;
  if (auto read = read_cluster(cluster, config); !read) return read.error();
  if (const auto user_name = json::string_at(chosen, {"user"}); !user_name.empty()) {
    const auto user = find_named(documents, "users", user_name, "user");
    if (!user.is_object()) return invalid("context " + name + " names a user that is not there");
    if (auto read = read_user(user, config); !read) return read.error();
  }
  if (auto space = json::string_at(chosen, {"namespace"}); !space.empty()) config.default_namespace = std::move(space);
  return config;
}

}  // namespace cadence::kube::client
