#include "kube/control/health.hpp"

#include <set>

#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::kube::control {
namespace {

struct Wishes {
  bool is_verbose = false;
  std::set<std::string> excluded;
};

Wishes wishes_of(const std::string& target) {
  Wishes out;
  const auto query = target.find('?');
  if (query == std::string::npos) return out;
  for (const auto& part : base::split(target.substr(query + 1), '&')) {
    if (part == "verbose" || part.starts_with("verbose=")) out.is_verbose = true;
    if (part.starts_with("exclude=")) out.excluded.insert(net::percent_decode(part.substr(8)));
  }
  return out;
}

// One line; whether the check holds.
bool judge(const std::string& name, const Health::Check& check, std::string& lines) {
  const auto result = check();
  lines += result ? "[+]" + name + " ok\n" : "[-]" + name + " failed: reason withheld\n";
  if (!result) base::log_warning("Health check failed", {{"check", name}, {"reason", result.error().message}});
  return result.is_ok();
}

}  // namespace

void Health::add(Kind kind, const std::string& name, Check check) {
  const std::lock_guard lock(mutex_);
  checks_.push_back({kind, name, std::move(check)});
}

std::vector<Health::Named> Health::of(Kind kind) const {
  const std::lock_guard lock(mutex_);
  std::vector<Named> out;
  for (const auto& check : checks_) {
    if (check.kind == kind) out.push_back(check);
  }
  return out;
}

net::Response Health::answer_for(Kind kind, const std::string& only, const std::string& target) const {
  const auto wishes = wishes_of(target);
  std::string lines;
  bool is_well = true, is_known = only.empty();
  for (const auto& [_, name, check] : of(kind)) {
    if (!only.empty() && name != only) continue;
    is_known = true;
    if (wishes.excluded.contains(name)) lines += "[+]" + name + " excluded: ok\n";
    else is_well = judge(name, check, lines) && is_well;
  }
  if (!is_known) return net::text_response(404, "no such check\n");
  return net::text_response(is_well ? 200 : 500, is_well && !wishes.is_verbose ? "ok" : lines);
}

std::optional<net::Response> Health::answer(const std::string& target) const {
  const std::string path(net::path_of(target));
  for (const auto& [prefix, kind] : {std::pair{std::string("/healthz"), Kind::Live},
                                     {std::string("/livez"), Kind::Live},
                                     {std::string("/readyz"), Kind::Ready}}) {
    if (path == prefix) return answer_for(kind, "", target);
    if (path.starts_with(prefix + "/")) return answer_for(kind, path.substr(prefix.size() + 1), target);
  }
  return std::nullopt;
}

net::HeadHandler observability_handler(const Health& health, const Registry& registry) {
  return net::simple_handler(
      [&](const net::RequestHead& head, const std::string&) {
        if (head.method != "GET" && head.method != "HEAD") return net::text_response(405, "method not allowed\n");
        if (auto answer = health.answer(head.target)) return *std::move(answer);
        if (net::path_of(head.target) != "/metrics") return net::text_response(404, "not found\n");
        return net::Response{200, {{"Content-Type", Registry::kContentType}}, registry.text()};
      },
      0);
}

std::function<void(std::string_view, int, double)> observe_requests(Registry& registry, const std::string& host) {
  return [&registry, host](std::string_view method, int code, double seconds) {
    const std::string verb(method);
    registry
        .counter("rest_client_requests_total", "Number of HTTP requests, partitioned by status code, method, and host",
                 {{"code", code == 0 ? "<error>" : std::to_string(code)}, {"host", host}, {"method", verb}})
        .add();
    registry
        .histogram("rest_client_request_duration_seconds", "Request latency in seconds, by verb and host",
                   exponential_bounds(0.004, 2, 13), {{"host", host}, {"verb", verb}})
        .observe(seconds);
  };
}

}  // namespace cadence::kube::control
