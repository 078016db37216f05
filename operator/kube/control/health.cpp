#include "kube/control/health.hpp"

#include "base/log.hpp"

namespace cadence::kube::control {
namespace {

net::Response judge(const std::map<std::string, Check>& checks, const std::string& only, const std::string& target) {
  const bool is_verbose = target.find("?verbose") != std::string::npos || target.find("&verbose") != std::string::npos;
  const auto excluded = net::query_value(target, "exclude");
  std::string lines;
  bool is_well = true;
  bool has_matched = only.empty();
  for (const auto& [name, check] : checks) {
    if (name == excluded || (!only.empty() && name != only)) continue;
    has_matched = true;
    const auto reason = check();
    lines += (reason.empty() ? "[+]" : "[-]") + name + (reason.empty() ? " ok\n" : " failed: reason withheld\n");
    if (reason.empty()) continue;
    is_well = false;
    base::log_warning("Health check failed", {{"check", name}, {"reason", reason}});
  }
  if (!has_matched) return net::text_response(404, "no such check\n");
  return net::text_response(is_well ? 200 : 500, is_well && !is_verbose ? "ok" : lines);
}

}  // namespace

net::Response Health::answer(const std::string& target) const {
  const auto path = std::string(net::path_of(target));
  for (const auto& [prefix, checks] : {std::pair{std::string("/healthz"), &live_}, {std::string("/livez"), &live_}, {std::string("/readyz"), &ready_}}) {
    if (path == prefix) return judge(*checks, "", target);
    if (path.rfind(prefix + "/", 0) == 0) return judge(*checks, path.substr(prefix.size() + 1), target);
  }
  return net::text_response(404, "not found\n");
}

}  // namespace cadence::kube::control
