// Which server slot of HAProxy stands for which webhook pod. Pure.
// Promises: a pod keeps its slot as long as it is there, so nothing moves when others come and go; a pod that is going
// is drained, not cut; with more pods than slots the rest is reported, never silently dropped. Source: HAProxy 2.6
// management guide §9.3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cadence::agent::proxy {

enum class ServerState { Ready, Drain, Maintenance };

// A webhook server as the EndpointSlices tell it.
struct Endpoint {
  std::string address;
  int port = 0;
  bool is_going = false;  // terminating but still serving
  bool operator==(const Endpoint&) const = default;
};

// A slot as HAProxy has it.
struct Slot {
  std::string name;  // s1
  std::string address;
  int port = 0;
  ServerState state = ServerState::Maintenance;
  bool operator==(const Slot&) const = default;
};

// The answer of "show servers state <backend>" (format version 1).
std::vector<Slot> parse_servers_state(std::string_view text, std::string_view backend);

struct SlotPlan {
  std::vector<std::string> commands;  // for the runtime API, in order
  std::vector<Slot> after;            // what the slots are when all succeed
  std::size_t unplaced = 0;           // endpoints without a slot
};

SlotPlan plan_slots(const std::vector<Slot>& slots, std::vector<Endpoint> endpoints, std::string_view backend);

// The configuration with each placeholder line "server sN 127.0.0.1:1 check disabled" filled in, so that a worker that
// starts again knows its servers before the first request.
std::string fill_configuration(std::string_view configuration, const std::vector<Slot>& slots);

}  // namespace cadence::agent::proxy
