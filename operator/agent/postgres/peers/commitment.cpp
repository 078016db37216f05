#include "agent/postgres/peers/commitment.hpp"

#include <unistd.h>

#include "agent/postgres/volume/files.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "kube/core/resource_version.hpp"

namespace cadence::agent::postgres {
namespace {

std::string path_of(const Options& options) { return options.data_directory + ".disarmed"; }

}  // namespace

Commitment::Commitment(const Options& options) : options_(options) {
  if (const auto text = read_file(path_of(options))) disarmed_under_ = std::string(base::trim(*text));
}

bool Commitment::has_promised_locked(const rules::LeaseView& view) const {
  return !promised_to_.empty() && view.holder == promised_to_ && view.transitions == promised_term_ &&
         base::boot_time() < promised_until_;
}

std::string Commitment::promise(const rules::LeaseView& view, const std::string& holder, std::int64_t term,
                                rules::Milliseconds ttl) {
  const std::lock_guard lock(mutex_);
  if (!disarmed_under_.empty()) return "has let go of its primary for an election";
  if (view.holder != holder || view.transitions != term)
    return "knows " + (view.holder.empty() ? "nobody" : view.holder) + " as holder of term " +
           std::to_string(view.transitions);
  promised_to_ = holder;
  promised_term_ = term;
  promised_until_ = base::boot_time() + ttl;
  return "";
}

bool Commitment::has_promised(const rules::LeaseView& view) const {
  const std::lock_guard lock(mutex_);
  return has_promised_locked(view);
}

std::string Commitment::disarm(rules::SuspicionFacts facts, const std::string& resource_version) {
  const std::lock_guard lock(mutex_);
  facts.has_promised = has_promised_locked(facts.lease);
  auto objection = rules::objection_to_disarm(facts, resource_version, options_.timing);
  if (!objection.empty()) return objection;
  const auto order = kube::core::compare_resource_versions(resource_version, disarmed_under_);
  if (!disarmed_under_.empty() && order && *order <= 0) return "";  // bound already, to this record or a newer one
  disarmed_under_ = resource_version;
  if (const auto kept = remember(); !kept) return "could not write down that it let go: " + kept.error().message;
  return "";
}

bool Commitment::is_disarmed() const {
  const std::lock_guard lock(mutex_);
  return !disarmed_under_.empty();
}

void Commitment::forget() {
  const std::lock_guard lock(mutex_);
  if (disarmed_under_.empty()) return;
  disarmed_under_.clear();
  if (const auto kept = remember(); !kept)
    base::log_warning("Could not forget an old election", {{"error", kept.error().message}});
}

bool Commitment::free_by(const rules::LeaseView& view) {
  const std::lock_guard lock(mutex_);
  if (disarmed_under_.empty()) return true;
  const auto order = kube::core::compare_resource_versions(view.resource_version, disarmed_under_);
  if (view.holder.empty() || !order || *order <= 0) return false;
  disarmed_under_.clear();
  if (const auto kept = remember(); !kept)
    base::log_warning("Could not forget an old election", {{"error", kept.error().message}});
  return true;
}

base::Result<void> Commitment::remember() {
  if (!disarmed_under_.empty()) return write_file(path_of(options_), disarmed_under_ + "\n", 0600);
  if (::unlink(path_of(options_).c_str()) != 0 && exists(path_of(options_)))
    return base::Error{base::ErrorKind::Transient, "Could not remove " + path_of(options_)};
  return {};
}

}  // namespace cadence::agent::postgres
