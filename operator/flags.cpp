#include "flags.hpp"

#include <unistd.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <map>

#include "base/text.hpp"

namespace cadence {
namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "unknown";
}

const std::map<std::string, base::LogLevel>& levels() {
  static const std::map<std::string, base::LogLevel> known{
      {"trace", base::LogLevel::Debug},  {"debug", base::LogLevel::Debug},     {"info", base::LogLevel::Info},
      {"warn", base::LogLevel::Warning}, {"warning", base::LogLevel::Warning}, {"error", base::LogLevel::Error}};
  return known;
}

std::string check_address(const std::string& text) {
  return parse_bind_address(text) ? "" : "must be ADDRESS:PORT or :PORT";
}

}  // namespace

std::optional<std::pair<std::string, std::uint16_t>> parse_bind_address(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto port = base::parse_integer(std::string_view(text).substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return std::nullopt;
  const auto host = text.substr(0, colon);
  return std::pair{host.empty() ? std::string("0.0.0.0") : host, static_cast<std::uint16_t>(*port)};
}

std::optional<Flags> parse_flags(int argc, char** argv, int& exit_code) {
  Flags flags;
  std::string namespaces, kubeconfig, format = "json", level = "info";
  CLI::App app{"Runs CadenceClusters: webhook servers, load balancers, Redis and PostgreSQL", "cadence-operator"};
  app.set_version_flag("--version", std::string("cadence-operator ") + CADENCE_VERSION);
  app.add_flag("--leader-elect", flags.is_electing, "Only one of several replicas acts")
      ->envname("CADENCE_OPERATOR_LEADER_ELECT");
  app.add_option("--namespaces", namespaces, "Namespaces to serve, with commas between; default: all")
      ->envname("CADENCE_OPERATOR_NAMESPACES");
  app.add_option("--metrics-bind-address", flags.metrics_address, "Where /metrics is served")
      ->check(check_address)
      ->envname("CADENCE_OPERATOR_METRICS_BIND_ADDRESS");
  app.add_option("--health-probe-bind-address", flags.health_address, "Where /healthz and /readyz are served")
      ->check(check_address)
      ->envname("CADENCE_OPERATOR_HEALTH_PROBE_BIND_ADDRESS");
  app.add_option("--kubeconfig", kubeconfig, "Kubeconfig file; default: KUBECONFIG, then in cluster");
  app.add_option("--workers", flags.workers, "CadenceClusters worked on at once")
      ->check(CLI::Range(1, 64))
      ->envname("CADENCE_OPERATOR_WORKERS");
  app.add_flag("--dry-run", flags.is_dry_run, "Print the plan for each CadenceCluster and end; change nothing");
  app.add_option("--log-format", format, "json or text")
      ->check(CLI::IsMember({"json", "text"}))
      ->envname("CADENCE_OPERATOR_LOG_FORMAT");
  app.add_option("--log-level", level, "trace, debug, info, warn or error")
      ->check(CLI::IsMember(levels()))
      ->envname("CADENCE_OPERATOR_LOG_LEVEL");
  app.add_option("--image-webhook", flags.images.webhook, "Image of the webhook server")
      ->envname("CADENCE_OPERATOR_IMAGE_WEBHOOK");
  app.add_option("--image-postgres", flags.images.postgres, "Image of PostgreSQL")
      ->envname("CADENCE_OPERATOR_IMAGE_POSTGRES");
  app.add_option("--image-redis", flags.images.redis, "Image of Redis")->envname("CADENCE_OPERATOR_IMAGE_REDIS");
  app.add_option("--image-haproxy", flags.images.haproxy, "Image of HAProxy")
      ->envname("CADENCE_OPERATOR_IMAGE_HAPROXY");
  app.add_option("--pod-name", flags.pod_name, "This pod")->envname("POD_NAME");
  app.add_option("--pod-namespace", flags.pod_namespace, "Namespace of the leader's Lease")->envname("POD_NAMESPACE");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    exit_code = app.exit(problem) == 0 ? 0 : 2;
    return std::nullopt;
  }
  for (auto& name : base::split(namespaces, ',')) {
    if (!base::trim(name).empty()) flags.namespaces.emplace_back(base::trim(name));
  }
  if (!kubeconfig.empty()) flags.kubeconfig = kubeconfig;
  flags.log_format = format == "json" ? base::LogFormat::Json : base::LogFormat::Text;
  flags.log_level = levels().at(level);
  if (flags.pod_name.empty()) flags.pod_name = host_name();
  return flags;
}

}  // namespace cadence
