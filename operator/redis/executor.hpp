// Asks Redis nodes what they are, and carries out one planned command. I/O, each call bounded by its limits.
// Promises: before a command changes anything, the node that answers is checked to be the one the plan meant, in the
// same connection; a refusal is an error with a sentence. Does not decide anything.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "redis/command.hpp"
#include "redis/connection.hpp"
#include "redis/topology.hpp"

namespace cadence::redis {

struct Target {
  std::string pod;
  Address address;
  Credentials credentials;
  // tried in turn where those are refused: a new password may not have reached the server
  std::vector<Credentials> earlier = {};
};

ProbeResult probe(const Target& target, const Limits& limits);
// At the same time, at most sixteen at once; the answers by pod.
std::map<std::string, ProbeResult> probe_all(const std::vector<Target>& targets, const Limits& limits);

base::Result<void> execute(const Credentials& credentials, const Command& command, const Limits& limits);
// With the first that is not refused.
base::Result<void> execute(const std::vector<Credentials>& credentials, const Command& command, const Limits& limits);

}  // namespace cadence::redis
