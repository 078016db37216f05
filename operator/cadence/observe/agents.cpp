#include "cadence/observe/agents.hpp"

#include <mutex>
#include <thread>
#include <vector>

namespace cadence::observe {
namespace {

constexpr std::uint16_t kAgentPort = 8008;
constexpr std::size_t kLongestStatus = 64 * 1024;

std::optional<postgres::InstanceStatus> ask(net::Transport& transport, std::chrono::milliseconds bound, std::stop_token stop) {
  const auto answer = transport.send({"GET", "/status", {}, ""}, bound, stop);
  if (!answer || answer->status != 200 || answer->body.size() > kLongestStatus) return std::nullopt;
  auto status = postgres::decode_instance_status(answer->body);
  if (!status) return std::nullopt;
  return std::move(*status);
}

}  // namespace

AgentTransport agent_transport() {
  return [](const std::string& ip) { return net::make_beast_transport([ip]() -> base::Result<net::Origin> { return net::Origin{ip, kAgentPort, {}}; }); };
}

Reports ask_agents(const Addresses& addresses, const AgentTransport& transport, std::chrono::milliseconds bound, std::stop_token stop) {
  Reports out;
  std::mutex mutex;
  {
    std::vector<std::jthread> threads;  // nine instances at most
    for (const auto& [pod, ip] : addresses) {
      threads.emplace_back([&, pod = pod, ip = ip] {
        const auto way = transport(ip);
        auto report = ask(*way, bound, stop);
        if (!report) return;
        const std::lock_guard lock(mutex);
        out[pod] = std::move(*report);
      });
    }
  }
  return out;
}

}  // namespace cadence::observe
