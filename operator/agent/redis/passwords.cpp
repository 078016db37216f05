#include "agent/redis/passwords.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace cadence::agent::redis {
namespace {

using namespace std::chrono_literals;

constexpr auto kLook = 1s;
constexpr auto kTellBound = 1500ms;
// Longer than the kubelets take to bring a Secret to every pod.
constexpr auto kEarlierFor = 5min;
constexpr std::size_t kMostEarlier = 4;

}  // namespace

std::vector<Secrets> PasswordKeeper::with_earlier(const Secrets& next) const {
  std::vector<Secrets> out{next};
  for (const auto& one : earlier_) out.push_back(one.secrets);
  return out;
}

base::Result<void> PasswordKeeper::tell_server(const Secrets& next) const {
  const cadence::redis::Limits limits{.deadline = base::system_clock().monotonic() + kTellBound};
  auto server = cadence::redis::Connection::open(local_endpoint(places_), local_credentials(places_), limits);
  if (!server) return server.error();
  for (const auto& request : password_commands(with_earlier(next))) {
    if (auto told = server->call(request, limits); !told) return told.error();
  }
  return base::ok();
}

void PasswordKeeper::look() {
  const auto time = base::system_clock().monotonic();
  if (time < next_look_) return;
  next_look_ = time + kLook;
  const auto found = read_secrets(places_.secrets);
  const auto next = found ? *found : now_;
  const bool has_changed = next != now_;
  auto before = earlier_;
  std::erase_if(earlier_, [&](const Earlier& one) { return one.until <= time; });
  if (!has_changed && before.size() == earlier_.size()) return;
  if (has_changed) earlier_.insert(earlier_.begin(), {now_, time + kEarlierFor});
  if (earlier_.size() > kMostEarlier) earlier_.resize(kMostEarlier);
  if (auto told = tell_server(next); !told) {
    base::log_warning("Could not tell the server its passwords", {{"error", told.error().message}});
    earlier_ = std::move(before);
    return;
  }
  now_ = next;
  base::log_info(has_changed ? "Took new passwords from the Secret; the earlier ones stay good for a while"
                             : "Dropped passwords that were replaced");
}

}  // namespace cadence::agent::redis
