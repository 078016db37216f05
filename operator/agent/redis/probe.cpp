#include "agent/redis/probe.hpp"

namespace cadence::agent::redis {

using base::Error;
using base::ErrorKind;
namespace redis = cadence::redis;

base::Result<void> check_ready(const Places& places, std::chrono::milliseconds bound) {
  const redis::Limits limits{.deadline = base::system_clock().monotonic() + bound};
  auto connection = redis::Connection::open(local_endpoint(places), local_credentials(places), limits);
  if (!connection) return connection.error();
  const auto answer = connection->call({"INFO"}, limits);
  if (!answer) return answer.error();
  const auto server = redis::parse_info(answer->text);
  if (!server) return server.error();
  if (server->is_loading) return Error{ErrorKind::Transient, "Redis loads its data"};
  if (!server->is_master && !server->has_synced)
    return Error{ErrorKind::Transient, "Redis has not copied its master's data yet"};
  return base::ok();
}

base::Result<void> check_live(const Places& places, std::chrono::milliseconds bound) {
  const redis::Limits limits{.deadline = base::system_clock().monotonic() + bound};
  auto connection = redis::Connection::open(local_endpoint(places), {}, limits);
  if (!connection) return connection.error();
  // Refused for want of a password is an answer, too.
  const auto answer = connection->pipeline({{"PING"}}, limits);
  if (!answer) return answer.error();
  return base::ok();
}

}  // namespace cadence::agent::redis
