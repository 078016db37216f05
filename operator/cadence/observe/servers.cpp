#include "cadence/observe/servers.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/text.hpp"
#include "json/value.hpp"

namespace cadence::observe {
namespace {

using std::chrono::milliseconds;

constexpr std::uint16_t kAgentPort = 8008;
constexpr std::size_t kLongestStatus = 64 * 1024, kLongestStore = 4 * 1024, kLongestReason = 256;
constexpr std::size_t kAtOnce = 9;

// What `ask` found out about each; the bound holds for all of them together.
template <class Answer>
std::map<std::string, Answer> ask_each(
    const Addresses& addresses, milliseconds bound,
    const std::function<std::optional<Answer>(const std::string& ip, milliseconds left)>& ask) {
  const std::vector<Addresses::value_type> all(addresses.begin(), addresses.end());
  const auto deadline = base::system_clock().monotonic() + bound;
  std::map<std::string, Answer> out;
  std::mutex mutex;
  std::atomic<std::size_t> next{0};
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(kAtOnce, all.size()); ++i) {
    threads.emplace_back([&] {
      for (std::size_t mine = next++; mine < all.size(); mine = next++) {
        const auto left = std::chrono::duration_cast<milliseconds>(deadline - base::system_clock().monotonic());
        auto answer = left > milliseconds(0) ? ask(all[mine].second, left) : std::nullopt;
        if (!answer) continue;
        const std::lock_guard lock(mutex);
        out.emplace(all[mine].first, std::move(*answer));
      }
    });
  }
  threads.clear();
  return out;
}

std::optional<std::string> get(net::Transport& transport, const char* path, std::size_t longest, milliseconds bound,
                               std::stop_token stop) {
  auto answer = transport.send({"GET", path, {}, ""}, bound, std::move(stop));
  if (!answer || answer->status != 200 || answer->body.size() > longest) return std::nullopt;
  return std::move(answer->body);
}

std::string printable(const std::string& text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  return std::string(base::clipped(out, kLongestReason));
}

std::optional<facts::StoreReport> store_report(const std::string& text) {
  const auto document = json::parse(text);
  if (!document || !document->is_object()) return std::nullopt;
  const auto& up = json::at_path(*document, {"up"});
  if (!up.is_boolean()) return std::nullopt;
  facts::StoreReport report{up.get<bool>(), {}, {}};
  if (!report.is_up) {
    report.code = printable(json::string_at(*document, {"code"}));
    report.reason = printable(json::string_at(*document, {"reason"}));
  }
  if (const auto& hooks = json::at_path(*document, {"hooks"}); hooks.is_array())
    for (const auto& hook : hooks)
      if (hook.is_object())
        report.hooks[printable(json::string_at(hook, {"hook"}))] = printable(json::string_at(hook, {"problem"}));
  return report;
}

}  // namespace

ServerTransport server_transport() {
  return [](const std::string& ip, std::uint16_t port) {
    return net::make_beast_transport([ip, port]() -> base::Result<net::Origin> { return net::Origin{ip, port, {}}; });
  };
}

Reports ask_agents(const Addresses& addresses, const ServerTransport& transport, milliseconds bound,
                   std::stop_token stop) {
  return ask_each<postgres::InstanceStatus>(
      addresses, bound, [&](const std::string& ip, milliseconds left) -> std::optional<postgres::InstanceStatus> {
        const auto text = get(*transport(ip, kAgentPort), "/status", kLongestStatus, left, stop);
        auto status =
            text ? postgres::decode_instance_status(*text) : base::Error{base::ErrorKind::NotFound, "no answer"};
        return status ? std::optional(std::move(*status)) : std::nullopt;
      });
}

std::map<std::string, facts::StoreReport> ask_webhook_servers(const Addresses& addresses, std::uint16_t port,
                                                              const ServerTransport& transport, milliseconds bound,
                                                              std::stop_token stop) {
  return ask_each<facts::StoreReport>(
      addresses, bound, [&](const std::string& ip, milliseconds left) -> std::optional<facts::StoreReport> {
        const auto text = get(*transport(ip, port), "/metrics/store", kLongestStore, left, stop);
        return text ? store_report(*text) : std::nullopt;
      });
}

}  // namespace cadence::observe
