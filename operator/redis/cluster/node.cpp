#include "redis/cluster/node.hpp"

namespace cadence::redis::cluster {

base::Result<Node::Line> Node::take(const Limits& limits) {
  {
    std::lock_guard lock(mutex_);
    if (!breaker_.admits(base::system_clock().monotonic()))
      return base::Error{base::ErrorKind::Transient, "Redis at " + to_string(address_) + " did not answer lately"};
    if (!idle_.empty()) {
      Line line{std::move(idle_.back()), false};
      idle_.pop_back();
      return line;
    }
  }
  auto credentials = credentials_();
  auto opened = credentials ? Connection::open({address_, {}}, *credentials, limits)
                            : base::Result<Connection>(credentials.error());
  if (opened) return Line{std::move(*opened), true};
  std::lock_guard lock(mutex_);
  breaker_.note_failure(base::system_clock().monotonic());
  return opened.error();
}

void Node::give_back(Line line) {
  std::lock_guard lock(mutex_);
  breaker_.note_success();
  if (idle_.size() < most_idle_) idle_.push_back(std::move(line.connection));
}

void Node::lay_by(Connection connection) {
  std::lock_guard lock(mutex_);
  if (idle_.empty()) idle_.push_back(std::move(connection));
}

void Node::note_answer() {
  std::lock_guard lock(mutex_);
  breaker_.note_success();
}

// A server that was started again has closed all that lay idle, which says nothing about how it does now.
void Node::note_failure(const Line& line, bool is_late) {
  std::lock_guard lock(mutex_);
  idle_.clear();
  if (line.is_fresh || is_late) breaker_.note_failure(base::system_clock().monotonic());
}

bool Node::is_kept_away_from() const {
  std::lock_guard lock(mutex_);
  return breaker_.refuses(base::system_clock().monotonic());
}

}  // namespace cadence::redis::cluster
