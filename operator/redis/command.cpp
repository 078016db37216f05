#include "redis/command.hpp"

#include "base/text.hpp"

namespace cadence::redis {
namespace {

using Words = std::vector<std::string>;

Words words(const SetConfigEpoch& step) { return {"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(step.epoch)}; }
Words words(const Meet& step) { return {"CLUSTER", "MEET", step.peer.ip, std::to_string(step.peer.port)}; }
Words words(const Replicate& step) { return {"CLUSTER", "REPLICATE", step.master_id}; }
Words words(const Forget& step) { return {"CLUSTER", "FORGET", step.peer_id}; }
Words words(const TakeOver&) { return {"CLUSTER", "FAILOVER", "TAKEOVER"}; }
Words words(const AddSlots& step) {
  Words out{"CLUSTER", "ADDSLOTSRANGE"};
  for (const auto& range : step.ranges) {
    out.push_back(std::to_string(range.first));
    out.push_back(std::to_string(range.last));
  }
  return out;
}

}  // namespace

std::vector<std::string> to_arguments(const Command& command) {
  return std::visit([](const auto& step) { return words(step); }, command.step);
}

std::string to_text(const Command& command) {
  return command.pod + ": " + base::join(to_arguments(command), " ") + " - " + command.why;
}

}  // namespace cadence::redis
