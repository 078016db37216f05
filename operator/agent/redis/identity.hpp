// Who this node is: the server's own nodes.conf, which it writes in place, and a copy of the agent's, which a power
// loss leaves whole. Promises: the copy is written under a temporary name, flushed and renamed, and only from a table
// that was read whole; a table that is empty, cut or damaged is replaced by the copy before the server starts. Does not
// know what data there is.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "redis/topology.hpp"

namespace cadence::agent::redis {

struct NodeTable {
  std::vector<cadence::redis::NodeEntry> nodes;
  [[nodiscard]] const cadence::redis::NodeEntry* myself() const;
  [[nodiscard]] const cadence::redis::NodeEntry* entry(const std::string& id) const;
};

// Pure. An error unless every line is there and understood: Redis ends the file with its epochs.
base::Result<NodeTable> parse_node_table(const std::string& text);

enum class Identity {
  New,  // a volume that no node has lived on
  Known,
  Restored,  // from the copy
  Lost,      // a node has lived here, and neither file says which
};

struct Recognition {
  Identity identity = Identity::New;
  NodeTable table;
};

// Reads both files of a volume, and mends the server's own one where it must.
base::Result<Recognition> recognize_node(const std::string& data_folder);

// Keeps the copy up to date while the server runs.
class IdentityKeeper {
 public:
  explicit IdentityKeeper(std::string data_folder) : data_(std::move(data_folder)) {}
  void look();

 private:
  std::string data_, seen_;
};

}  // namespace cadence::agent::redis
