// The boot gate. A master that comes back without its data, but with its identity, wipes its replicas as soon as they see it: so it must
// not start before one of them has taken its place. Promises: opens at once where nothing can be lost; never holds longer than the bound.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "redis/connection.hpp"
#include "redis/topology.hpp"

namespace cadence::agent::redis {

// The node table that the server left on its volume (nodes.conf); empty when there is none.
std::vector<cadence::redis::NodeEntry> read_node_table(const std::string& data_folder);

// An append-only log or a snapshot.
bool has_dataset(const std::string& data_folder);

// Its volume says it leads a shard with replicas, and there is no data to lead with.
bool is_dangerous(const std::vector<cadence::redis::NodeEntry>& table, bool has_data);

// Do the others still see that node as an owner of slots? True when nobody answers: silence is no evidence.
bool still_leads(const std::vector<cadence::redis::NodeEntry>& table, const cadence::redis::Credentials& credentials, std::chrono::milliseconds bound);

}  // namespace cadence::agent::redis
