#include "kube/client/config.hpp"

#include <cstdlib>
#include <mutex>

#include "base/log.hpp"
#include "base/text.hpp"
#include "files/files.hpp"
#include "kube/client/exec.hpp"

namespace cadence::kube::client {

namespace {

using base::Error;
using base::ErrorKind;
using base::Result;

// The kubelet renews projected tokens well before they end; a minute less ten seconds is soon enough (client-go does
// the same).
constexpr std::chrono::seconds kTokenAge{50};
constexpr std::chrono::seconds kExpiryLeeway{10};

// What is missing here must never look like an object that is missing at the API server.
Result<std::string> read_credential(const std::string& path) {
  auto text = files::read(path);
  return text ? text : Error{ErrorKind::Forbidden, text.error().message};
}

// One file, read again at each use; the last good content stays when it cannot be read.
class RotatingFile {
 public:
  explicit RotatingFile(std::string path) : path_(std::move(path)) {}
  Result<std::string> read() {
    auto fresh = read_credential(path_);
    if (fresh && !fresh->empty()) last_ = *fresh;
    else if (last_.empty())
      return fresh ? Result<std::string>(Error{ErrorKind::Forbidden, path_ + " is empty"}) : fresh;
    return last_;
  }

 private:
  std::string path_, last_;
};

class LivingConfig final : public ConfigSource {
 public:
  LivingConfig(Config config, const base::Clock& clock)
      : config_(std::move(config)),
        clock_(clock),
        ca_(config_.ca_file),
        certificate_(config_.certificate_file),
        key_(config_.key_file),
        token_file_(config_.token_file) {}

  Result<net::Origin> origin() override {
    const std::lock_guard lock(mutex_);
    net::Origin out{config_.host, config_.port, std::nullopt};
    if (!config_.is_tls) return out;
    auto& tls = out.tls.emplace();
    tls.is_verified = config_.is_verified;
    tls.server_name = config_.server_name;
    if (auto read = pick(config_.ca_pem, config_.ca_file, ca_, tls.ca_pem); !read) return read.error();
    if (auto read = pick(config_.certificate_pem, config_.certificate_file, certificate_, tls.certificate_pem); !read)
      return read.error();
    if (auto read = pick(config_.key_pem, config_.key_file, key_, tls.key_pem); !read) return read.error();
    if (config_.exec && tls.certificate_pem.empty()) {
      if (auto ready = renew_plugin_credential(); !ready) return ready.error();
      tls.certificate_pem = credential_->certificate_pem;
      tls.key_pem = credential_->key_pem;
    }
    return out;
  }

  Result<std::string> authorization() override {
    const std::lock_guard lock(mutex_);
    if (!config_.token_file.empty()) return bearer_from_file();
    if (!config_.token.empty()) return "Bearer " + config_.token;
    if (!config_.username.empty()) return "Basic " + base::to_base64(config_.username + ":" + config_.password);
    if (!config_.exec) return std::string();
    if (auto ready = renew_plugin_credential(); !ready) return ready.error();
    return credential_->token.empty() ? std::string() : "Bearer " + credential_->token;
  }

  // Compared, so that a late 401 to an old token does not throw away a new one.
  void reject(std::string_view authorization) override {
    const std::lock_guard lock(mutex_);
    if (authorization == bearer_) bearer_read_.reset();
    if (credential_ && (credential_->token.empty() || authorization == "Bearer " + credential_->token))
      credential_.reset();
  }

  [[nodiscard]] const std::string& default_namespace() const override { return config_.default_namespace; }
  [[nodiscard]] const std::string& path_prefix() const override { return config_.path_prefix; }

 private:
  static Result<void> pick(const std::string& data, const std::string& path, RotatingFile& file, std::string& into) {
    into = data;
    if (!data.empty() || path.empty()) return base::ok();
    auto content = file.read();
    if (!content) return content.error();
    into = std::move(content).value();
    return base::ok();
  }

  Result<std::string> bearer_from_file() {
    const auto now = clock_.monotonic();
    if (bearer_read_ && now - *bearer_read_ < kTokenAge) return bearer_;
    auto token = token_file_.read();
    if (!token) return token.error();
    bearer_ = "Bearer " + std::string(base::trim(*token));
    bearer_read_ = now;
    return bearer_;
  }

  Result<void> renew_plugin_credential() {
    if (credential_ && (!credential_->expires || clock_.wall() + kExpiryLeeway < *credential_->expires))
      return base::ok();
    auto fresh = run_plugin(*config_.exec, config_);
    if (!fresh) return fresh.error();
    credential_ = std::move(fresh).value();
    return base::ok();
  }

  const Config config_;
  const base::Clock& clock_;
  std::mutex mutex_;
  RotatingFile ca_, certificate_, key_, token_file_;
  std::string bearer_;
  std::optional<base::Monotonic> bearer_read_;
  std::optional<ExecCredential> credential_;
};

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

std::shared_ptr<ConfigSource> make_config_source(Config config, const base::Clock& clock) {
  return std::make_shared<LivingConfig>(std::move(config), clock);
}

net::OriginSource origin_of(std::shared_ptr<ConfigSource> source) {
  return [source = std::move(source)] { return source->origin(); };
}

Result<std::shared_ptr<ConfigSource>> in_cluster(const std::string& folder) {
  Config config;
  config.host = environment("KUBERNETES_SERVICE_HOST");
  const auto port = base::parse_integer(environment("KUBERNETES_SERVICE_PORT"));
  if (config.host.empty() || !port || *port < 1 || *port > 65535) {
    return Error{ErrorKind::NotFound,
                 "Could not find the API server: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set"};
  }
  config.port = static_cast<std::uint16_t>(*port);
  // cpprest cannot connect to an IPv6 literal; this name is in the certificate of every API server.
  if (config.host.find(':') != std::string::npos) config.host = "kubernetes.default.svc";
  config.ca_file = folder + "/ca.crt";
  config.token_file = folder + "/token";
  if (auto space = read_credential(folder + "/namespace"); space && !base::trim(*space).empty()) {
    config.default_namespace = std::string(base::trim(*space));
  }
  if (auto token = read_credential(config.token_file); !token)
    return token.error().with_context("Could not use the service account");
  return make_config_source(std::move(config));
}

Result<std::shared_ptr<ConfigSource>> kubeconfig(const std::string& path, const std::string& context) {
  std::vector<std::string> paths;
  for (auto& part : base::split(path, ':')) {
    if (!part.empty()) paths.push_back(std::move(part));
  }
  auto config = read_kubeconfig(paths, context);
  if (!config) return config.error();
  return make_config_source(std::move(config).value());
}

Result<std::shared_ptr<ConfigSource>> discover(const std::optional<std::string>& kubeconfig_flag) {
  if (kubeconfig_flag && !kubeconfig_flag->empty()) return kubeconfig(*kubeconfig_flag);
  if (const auto listed = environment("KUBECONFIG"); !listed.empty()) return kubeconfig(listed);
  if (!environment("KUBERNETES_SERVICE_HOST").empty()) return in_cluster();
  return kubeconfig(environment("HOME") + "/.kube/config");
}

}  // namespace cadence::kube::client
