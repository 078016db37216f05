// How the client finds out who serves which slot.
#include <algorithm>
#include <random>

#include "base/backoff.hpp"
#include "base/text.hpp"
#include "redis/cluster/client.hpp"

namespace cadence::redis::cluster {
namespace {

constexpr std::size_t kWords = 3;  // nodes whose words are held against each other
constexpr int kSlowest = 5;        // times the shortest pause, while nobody answers

Limits within(std::chrono::milliseconds bound, const std::stop_token& stop) {
  return {base::system_clock().monotonic() + bound, stop};
}

}  // namespace

void Client::want_refresh() {
  std::lock_guard lock(mutex_);
  is_wanted_ = true;
  wanted_.notify_all();
}

void Client::refresh_loop(const std::stop_token& stop) {
  base::Backoff pause({options_.refresh_pause, 1.5, options_.refresh_pause * kSlowest, 0.2});
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      wanted_.wait_for(lock, stop, options_.refresh_every, [this] { return is_wanted_; });
      is_wanted_ = false;
    }
    if (stop.stop_requested()) return;
    const bool is_done = refresh(stop);
    ++(is_done ? refreshes_ : failed_refreshes_);
    if (is_done) pause.reset();
    else want_refresh();
    base::wait_for(stop, pause.next());
  }
}

// Those that serve are asked first, so that no name has to be looked up as long as one of them is there.
bool Client::refresh(const std::stop_token& stop) {
  std::vector<Address> known;
  {
    std::lock_guard lock(mutex_);
    if (map_ != nullptr) known = map_->masters();
  }
  std::shuffle(known.begin(), known.end(), std::mt19937(std::random_device{}()));
  std::optional<SlotMap> best;
  std::size_t words = 0;
  std::string trouble = "no seed could be looked up";
  const auto hear = [&](const std::vector<Address>& addresses) {
    for (const auto& address : addresses) {
      if (words == kWords || stop.stop_requested()) return;
      auto map = word_of(address, stop);
      if (!map) {
        trouble = map.error().message;
        continue;
      }
      ++words;
      if (!best || is_better(*map, *best)) best = std::move(*map);
    }
  };
  hear(known);
  if (words < std::min<std::size_t>(2, known.size()) || !best || best->covered() < kSlotCount)
    hear(seed_addresses(stop));
  const bool is_done = best && best->covered() > 0;
  note_trouble(is_done ? "" : best ? "no node has slots: the cluster is not formed" : trouble);
  if (is_done) publish(std::move(*best));
  return is_done;
}

std::vector<Address> Client::seed_addresses(const std::stop_token& stop) const {
  std::vector<Address> out;
  for (const auto& seed : options_.seeds) {
    const auto colon = seed.rfind(':');
    const auto port = colon == std::string::npos ? std::nullopt : base::parse_integer(seed.substr(colon + 1));
    if (!port || stop.stop_requested()) continue;
    const auto host = seed.starts_with('[') ? seed.substr(1, colon - 2) : seed.substr(0, colon);
    for (auto& ip : options_.resolve(host, within(options_.node_limit * 4, stop)))
      out.push_back({std::move(ip), static_cast<std::uint16_t>(*port)});
  }
  return out;
}

base::Result<SlotMap> Client::word_of(const Address& address, const std::stop_token& stop) {
  const auto limits = within(options_.node_limit, stop);
  const auto credentials = options_.credentials();
  if (!credentials) return credentials.error();
  auto connection = Connection::open({address, {}}, *credentials, limits);
  if (!connection) return connection.error();
  const auto reply = connection->call({"CLUSTER", "NODES"}, limits);
  if (!reply) return reply.error();
  const auto table = parse_cluster_nodes(reply->text);
  if (!table) return table.error();
  node_at(address)->lay_by(std::move(*connection));
  return SlotMap(*table, address);
}

void Client::note_trouble(std::string why) {
  std::lock_guard lock(mutex_);
  trouble_ = std::move(why);
}

// Nodes that serve no more are forgotten, with their connections.
void Client::publish(SlotMap map) {
  for (const auto& address : map.masters()) (void)node_at(address);
  std::lock_guard lock(mutex_);
  map_ = std::make_shared<const SlotMap>(std::move(map));
  std::erase_if(nodes_, [&](const auto& entry) {
    const auto& masters = map_->masters();
    return std::find(masters.begin(), masters.end(), entry.first) == masters.end();
  });
}

}  // namespace cadence::redis::cluster
