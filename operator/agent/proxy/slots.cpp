#include "agent/proxy/slots.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace cadence::agent::proxy {
namespace {

constexpr std::string_view kPlaceholder = " 127.0.0.1:1 ";
// srv_admin_state bits: 0x01, 0x02 and 0x20 keep a server in maintenance, 0x08 and 0x10 drain it. 0x04 only remembers
// that the file said "disabled": it stays when a command has made the server ready.
constexpr std::int64_t kMaintenanceBits = 0x01 | 0x02 | 0x20;
constexpr std::int64_t kDrainBits = 0x08 | 0x10;

bool stands_for(const Slot& slot, const Endpoint& endpoint) {
  return slot.state != ServerState::Maintenance && slot.address == endpoint.address && slot.port == endpoint.port;
}

const char* word_of(ServerState state) {
  switch (state) {
    case ServerState::Ready:
      return "ready";
    case ServerState::Drain:
      return "drain";
    case ServerState::Maintenance:
      return "maint";
  }
  return "maint";
}

void set_state(SlotPlan& plan, Slot& slot, ServerState state, const std::string& server) {
  if (slot.state == state) return;
  slot.state = state;
  plan.commands.push_back("set server " + server + " state " + word_of(state));
}

}  // namespace

std::vector<Slot> parse_servers_state(std::string_view text, std::string_view backend) {
  // be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state … srv_port is the 19th column.
  constexpr std::size_t kPortColumn = 18;
  std::vector<Slot> out;
  for (const auto& line : base::split(text, '\n')) {
    const auto columns = base::split(line, ' ');
    if (columns.size() <= kPortColumn || columns[1] != backend || columns[0].empty() || columns[0][0] == '#') continue;
    const auto admin = base::parse_integer(columns[6]).value_or(kMaintenanceBits);
    Slot slot{columns[3], columns[4], static_cast<int>(base::parse_integer(columns[kPortColumn]).value_or(0)),
              ServerState::Ready};
    if ((admin & kMaintenanceBits) != 0) slot.state = ServerState::Maintenance;
    else if ((admin & kDrainBits) != 0) slot.state = ServerState::Drain;
    out.push_back(std::move(slot));
  }
  return out;
}

SlotPlan plan_slots(const std::vector<Slot>& slots, std::vector<Endpoint> endpoints, std::string_view backend) {
  SlotPlan plan{{}, slots, 0};
  const auto server = [&](const Slot& slot) { return std::string(backend) + "/" + slot.name; };
  // A pod that is new gets its slot before an old one loses its own: capacity never dips.
  std::vector<bool> is_kept(plan.after.size(), false);
  std::vector<Endpoint> fresh;
  for (auto& endpoint : endpoints) {
    const auto found = std::find_if(plan.after.begin(), plan.after.end(),
                                    [&](const Slot& slot) { return stands_for(slot, endpoint); });
    if (found == plan.after.end()) {
      if (!endpoint.is_going) fresh.push_back(std::move(endpoint));
      continue;
    }
    is_kept[static_cast<std::size_t>(found - plan.after.begin())] = true;
    set_state(plan, *found, endpoint.is_going ? ServerState::Drain : ServerState::Ready, server(*found));
  }
  for (auto& endpoint : fresh) {
    const auto free = std::find_if(plan.after.begin(), plan.after.end(),
                                   [](const Slot& slot) { return slot.state == ServerState::Maintenance; });
    if (free == plan.after.end()) {
      ++plan.unplaced;
      continue;
    }
    free->address = endpoint.address;
    free->port = endpoint.port;
    plan.commands.push_back("set server " + server(*free) + " addr " + endpoint.address + " port " +
                            std::to_string(endpoint.port));
    set_state(plan, *free, ServerState::Ready, server(*free));
    is_kept[static_cast<std::size_t>(free - plan.after.begin())] = true;
  }
  for (std::size_t i = 0; i < plan.after.size(); ++i) {
    if (!is_kept[i]) set_state(plan, plan.after[i], ServerState::Maintenance, server(plan.after[i]));
  }
  return plan;
}

std::string fill_configuration(std::string_view configuration, const std::vector<Slot>& slots) {
  std::string out;
  for (const auto& line : base::split(configuration, '\n')) {
    auto filled = line;
    const auto words = base::split(base::trim(line), ' ');
    if (words.size() > 2 && words[0] == "server") {
      const auto slot = std::find_if(slots.begin(), slots.end(), [&](const Slot& s) { return s.name == words[1]; });
      if (slot != slots.end() && slot->state != ServerState::Maintenance) {
        filled = base::replace_all(filled, kPlaceholder, " " + slot->address + ":" + std::to_string(slot->port) + " ");
        filled = base::replace_all(filled, " disabled", "");
      }
    }
    out += filled + "\n";
  }
  out.pop_back();
  return out;
}

}  // namespace cadence::agent::proxy
