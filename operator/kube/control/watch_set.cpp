#include "kube/control/watch_set.hpp"

#include <map>

#include "base/log.hpp"
#include "base/text.hpp"
#include "kube/core/full_name.hpp"

namespace cadence::kube::control {
namespace {

using cache::Standing;
using core::full_name;

constexpr const char* kWatched = "cadence_operator_kind_watched";

// A watch is renewed at least every ten minutes, so a thread that was silent for longer hangs.
constexpr std::chrono::minutes kStuck{12};

// Why there is nothing to see; empty: it is not known, or passes by itself.
std::string reason_of(Standing standing, const std::string& remedy) {
  switch (standing) {
    case Standing::NotInstalled:
      return " is not installed" + (remedy.empty() ? "" : ": " + remedy);
    case Standing::Forbidden:
      return " may not be listed and watched by this ServiceAccount";
    case Standing::Unasked:
    case Standing::Served:
      break;
  }
  return {};
}

Labels labels_of(const cache::Informer& informer) {
  return {{"kind", full_name(informer.kind())}, {"namespace", informer.selection().namespace_}};
}

}  // namespace

WatchSet::~WatchSet() {
  stop();
  for (const auto& watch : watches_) registry_.forget(kWatched, labels_of(*watch.informer));
}

void WatchSet::add(Kind kind, cache::Selection selection, cache::Sink& sink) {
  auto informer = std::make_unique<cache::Informer>(*kind.info, std::move(selection), connections_, sink);
  registry_.gauge(kWatched, "Whether a kind is installed, may be seen and is in the cache: 1 yes, 0 no",
                  labels_of(*informer), [is_whole = kind.is_whole] { return is_whole() ? 1.0 : 0.0; });
  watches_.push_back({std::move(kind), std::move(informer)});
}

void WatchSet::start() {
  for (auto& watch : watches_) watch.informer->start();
}

void WatchSet::stop() {
  for (auto& watch : watches_) watch.informer->stop();
}

void WatchSet::look() {
  const std::lock_guard lock(looking_);
  for (auto& watch : watches_) {
    const bool is_whole = watch.kind.is_whole();
    const auto reason = reason_of(watch.kind.standing(), watch.kind.remedy);
    if (is_whole == !watch.is_missed || (!is_whole && reason.empty())) continue;
    watch.is_missed = !is_whole;
    const auto name = full_name(*watch.kind.info);
    const auto& space = watch.informer->selection().namespace_;
    if (is_whole) {
      base::log_info("A kind that was missing is there", {{"kind", name}, {"namespace", space}});
      if (watch.kind.came) watch.kind.came();
    } else {
      base::log(watch.kind.need == Need::Required ? base::LogLevel::Warning : base::LogLevel::Info,
                name + reason + ". It is taken up when it comes", {{"kind", name}, {"namespace", space}});
    }
  }
}

std::string WatchSet::missing() const {
  std::map<std::string, std::vector<std::string>> spaces;  // by what is said of them
  std::vector<std::string> order;
  for (const auto& watch : watches_) {
    if (watch.kind.need == Need::Optional || watch.kind.is_whole()) continue;
    auto text = full_name(*watch.kind.info) + reason_of(watch.kind.standing(), watch.kind.remedy);
    auto& those = spaces[text];
    if (those.empty()) order.push_back(text);
    those.push_back(watch.informer->selection().namespace_);
  }
  std::vector<std::string> out;
  for (const auto& text : order) {
    const auto& those = spaces[text];
    out.push_back(those.front().empty() ? text : text + " (in " + base::join(those, ", ") + ")");
  }
  return base::join(out, "; ");
}

std::vector<const cache::Informer*> WatchSet::informers() const {
  std::vector<const cache::Informer*> out;
  for (const auto& watch : watches_) out.push_back(watch.informer.get());
  return out;
}

std::string WatchSet::stuck() const {
  for (const auto& watch : watches_) {
    if (watch.informer->idle() > kStuck) return full_name(*watch.kind.info);
  }
  return {};
}

}  // namespace cadence::kube::control
