#include "agent/postgres/peers/peer_house.hpp"

#include "agent/postgres/server/children.hpp"
#include "base/clock.hpp"

namespace cadence::agent::postgres {

PeerHouse::PeerHouse(const Options& options, Addresses& addresses, Peers& peers, Commitment& commitment,
                     const Board& board, std::function<std::optional<rules::LeaseView>()> view)
    : addresses_(addresses),
      peers_(peers),
      calls_([] { Children::wake(); }),
      server_(options, calls_, commitment, board, std::move(view),
              [this](const std::string& instance, const std::string& address) {
                if (!addresses_.learn(instance, address)) return;
                has_moved_ = true;
                Children::wake();
              }) {}

Touch PeerHouse::touch(const std::string& name, std::chrono::milliseconds at_most) {
  const auto target = addresses_.api_of(name);
  return {net::reach(target.host_addr, target.port, at_most), !target.host_addr.empty()};
}

std::optional<DisarmCall> PeerHouse::next_call() {
  auto call = calls_.take();
  if (!call) return std::nullopt;
  return DisarmCall{call->record, [respond = std::move(call->respond)](const rules::MemberReport& report) {
                      respond(encode_report(report));
                    }};
}

void PeerHouse::greet(const std::vector<std::string>& names) {
  greeter_ = std::jthread([this, names](const std::stop_token& stop) {
    for (int round = 0; round < 3 && base::wait_for(stop, std::chrono::milliseconds(200)); ++round) {
      for (const auto& name : names) static_cast<void>(peers_.status(name));
    }
  });
}

}  // namespace cadence::agent::postgres
