// Where the API server is and how we prove who we are: in cluster, from kubeconfig files, or found out.
// Promises: rotated files are picked up (token every minute, certificates every five); tokens never reach a log or an
// error text. Knows no verbs and opens no connection.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "net/tls.hpp"
#include "net/transport.hpp"

namespace cadence::kube::client {

// A credential plugin of a kubeconfig (client.authentication.k8s.io/v1 or v1beta1), started without a shell.
struct ExecPlugin {
  std::string api_version, command, install_hint;
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> environment;
  bool has_cluster_info = false;  // provideClusterInfo: the plugin is told which server it is for
  std::chrono::milliseconds timeout{60000};
};

// One cluster and one user, resolved. Of a pair of data and file the data wins, as in kubectl.
struct Config {
  std::string host;
  std::uint16_t port = 443;
  std::string path_prefix{};  // of servers behind a gateway: "/k8s/clusters/c1"
  bool is_tls = true, is_verified = true;
  std::string server_name{};
  std::string ca_pem{}, ca_file{};
  std::string certificate_pem{}, certificate_file{}, key_pem{}, key_file{};
  std::string token{}, token_file{}, username{}, password{};
  std::optional<ExecPlugin> exec{};
  std::string default_namespace = "default";
};

// The living form of a Config. Thread-safe.
class ConfigSource {
 public:
  virtual ~ConfigSource() = default;
  virtual base::Result<net::Origin> origin() = 0;         // for each new connection
  virtual base::Result<std::string> authorization() = 0;  // the header's value; empty: send none
  virtual void reject(
      std::string_view authorization) = 0;  // the server answered 401 to it: read or ask again next time
  [[nodiscard]] virtual const std::string& default_namespace() const = 0;
  [[nodiscard]] virtual const std::string& path_prefix() const = 0;
};

std::shared_ptr<ConfigSource> make_config_source(Config config, const base::Clock& clock = base::system_clock());
net::OriginSource origin_of(std::shared_ptr<ConfigSource> source);

// Pure but for reading the files named by `paths`; the first file that has an entry wins. Empty context:
// current-context.
base::Result<Config> read_kubeconfig(const std::vector<std::string>& paths, const std::string& context);

inline constexpr std::string_view kServiceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";
base::Result<std::shared_ptr<ConfigSource>> in_cluster(const std::string& folder = std::string(kServiceAccountFolder));
// `path` may be a KUBECONFIG list ("a:b").
base::Result<std::shared_ptr<ConfigSource>> kubeconfig(const std::string& path, const std::string& context = {});
// The flag, then KUBECONFIG, then in cluster, then ~/.kube/config.
base::Result<std::shared_ptr<ConfigSource>> discover(const std::optional<std::string>& kubeconfig_flag = std::nullopt);

}  // namespace cadence::kube::client
