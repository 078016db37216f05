#include "redis/cluster/client.hpp"

#include <algorithm>

#include "redis/cluster/slots.hpp"

namespace cadence::redis::cluster {

using base::Error;
using base::ErrorKind;

namespace {

constexpr int kMostRounds = 5;  // redirects that lead in a circle end
constexpr std::chrono::milliseconds kKeyIsOnItsWay{10};
// For what has arrived while another node used up the time: it is taken, and held against nobody.
constexpr std::chrono::milliseconds kGrace{1};

Error unanswered() { return {ErrorKind::Transient, "Redis did not answer in time"}; }

bool is_over(const Limits& limits) {
  return limits.stop.stop_requested() || base::system_clock().monotonic() >= limits.deadline;
}

}  // namespace

// What goes to one node in one go, and its line while answers are on their way.
struct Client::Exchange {
  std::shared_ptr<Node> node;
  std::vector<Open> open;
  std::optional<Node::Line> line;
};

Client::Client(ClientOptions options) : options_(std::move(options)) {
  refresher_ = std::jthread([this](const std::stop_token& stop) { refresh_loop(stop); });
}

Client::~Client() {
  refresher_.request_stop();
  refresher_.join();
}

std::vector<base::Result<Reply>> Client::ask(std::span<const Request> requests, const Limits& limits) {
  std::vector<base::Result<Reply>> out(requests.size(), base::Result<Reply>(unanswered()));
  auto open = aim(requests);
  if (open.size() < requests.size()) want_refresh();
  for (int rounds = 0; rounds < kMostRounds && !open.empty() && !is_over(limits); ++rounds)
    open = round(open, requests, out, limits);
  const auto is_failure = [](const auto& reply) { return !reply && reply.error().kind == ErrorKind::Transient; };
  failed_ += static_cast<std::uint64_t>(std::count_if(out.begin(), out.end(), is_failure));
  return out;
}

std::vector<base::Result<Reply>> Client::ask_each(const Request& request, const Limits& limits) {
  std::vector<std::shared_ptr<Node>> nodes;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [address, node] : nodes_) nodes.push_back(node);
  }
  std::vector<base::Result<Reply>> out;
  for (const auto& node : nodes) {
    auto line = node->take(limits);
    out.push_back(line ? line->connection.call(request, limits) : base::Result<Reply>(line.error()));
    if (out.back()) node->give_back(std::move(*line));
  }
  return out;
}

// Slots that nobody is known to serve are left out.
std::vector<Client::Open> Client::aim(std::span<const Request> requests) const {
  std::shared_ptr<const SlotMap> map;
  {
    std::lock_guard lock(mutex_);
    map = map_;
  }
  std::vector<Open> out;
  if (map == nullptr) return out;
  out.reserve(requests.size());
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const int slot = slot_of(requests[i].at(1));
    if (auto owner = map->owner(slot)) out.push_back({i, slot, std::move(*owner), false});
  }
  return out;
}

// Sends to all nodes before it waits for any.
std::vector<Client::Open> Client::round(const std::vector<Open>& open, std::span<const Request> requests,
                                        std::vector<base::Result<Reply>>& out, const Limits& limits) {
  std::map<Address, Exchange> exchanges;
  for (const auto& one : open) exchanges[one.to].open.push_back(one);
  std::vector<Open> again;
  for (auto& [address, exchange] : exchanges) {
    if (is_over(limits)) break;
    exchange.node = node_at(address);
    auto line = exchange.node->take(limits);
    if (!line) {
      want_refresh();
      for (const auto& one : exchange.open) out[one.place] = line.error();
      continue;
    }
    std::string bytes;
    for (const auto& one : exchange.open)
      bytes += (one.is_asking ? encode({"ASKING"}) : std::string()) + encode(requests[one.place]);
    exchange.line = std::move(*line);
    (void)exchange.line->connection.send(bytes, limits);  // a failure closes it, and the first receive() says so
  }
  bool is_pause_due = false;
  for (auto& [address, exchange] : exchanges) is_pause_due |= collect(exchange, out, limits, again);
  if (is_pause_due && limits.deadline - base::system_clock().monotonic() > kKeyIsOnItsWay)
    base::wait_for(limits.stop, kKeyIsOnItsWay);
  return again;
}

// Whether a key is on its way, so that asking at once would be of no use.
bool Client::collect(Exchange& exchange, std::vector<base::Result<Reply>>& out, const Limits& limits,
                     std::vector<Open>& again) {
  if (!exchange.line) return false;
  const Limits patience{std::max(limits.deadline, base::system_clock().monotonic() + kGrace), limits.stop};
  bool is_pause_due = false;
  for (auto one = exchange.open.begin(); one != exchange.open.end(); ++one) {
    auto& connection = exchange.line->connection;
    if (one->is_asking) (void)connection.receive(patience);  // +OK
    auto reply = connection.receive(patience);
    if (!reply) {
      want_refresh();
      if (one != exchange.open.begin()) exchange.node->note_answer();
      exchange.node->note_failure(*exchange.line, is_over(limits));
      for (auto rest = one; rest != exchange.open.end(); ++rest) out[rest->place] = reply.error();
      if (!exchange.line->is_fresh && !is_over(limits)) again.insert(again.end(), one, exchange.open.end());
      return is_pause_due;
    }
    const auto refusal = read_refusal(*reply, exchange.node->address());
    using Kind = Refusal::Kind;
    if (refusal.kind == Kind::Moved || refusal.kind == Kind::Ask) {
      ++redirects_;
      if (refusal.kind == Kind::Moved) move(refusal.slot, refusal.to);
      again.push_back({one->place, one->slot, refusal.to, refusal.kind == Kind::Ask});
    }
    if (refusal.kind == Kind::TryAgain) again.push_back(*one);
    if (refusal.kind == Kind::Moved || refusal.kind == Kind::Down) want_refresh();
    is_pause_due |= refusal.kind == Kind::TryAgain;
    if (refusal.kind == Kind::None) out[one->place] = std::move(*reply);
    else out[one->place] = to_error(*reply);
  }
  exchange.node->give_back(std::move(*exchange.line));
  return is_pause_due;
}

std::shared_ptr<Node> Client::node_at(const Address& address) {
  std::lock_guard lock(mutex_);
  auto& node = nodes_[address];
  if (node == nullptr)
    node = std::make_shared<Node>(address, options_.credentials, options_.most_idle, options_.breaker);
  return node;
}

void Client::move(int slot, const Address& to) {
  std::lock_guard lock(mutex_);
  if (map_ == nullptr || map_->owner(slot) == to) return;
  auto next = std::make_shared<SlotMap>(*map_);
  next->move(slot, to);
  map_ = std::move(next);
}

ClientCounts Client::counts() const {
  std::lock_guard lock(mutex_);
  const auto away =
      std::count_if(nodes_.begin(), nodes_.end(), [](const auto& entry) { return entry.second->is_kept_away_from(); });
  return {failed_,
          redirects_,
          refreshes_,
          failed_refreshes_,
          static_cast<int>(nodes_.size()),
          static_cast<int>(away),
          map_ != nullptr,
          trouble_};
}

}  // namespace cadence::redis::cluster
