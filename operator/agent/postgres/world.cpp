#include "agent/postgres/world.hpp"

namespace cadence::agent::postgres {

RealWorld::RealWorld(const Options& options, Children& children, LeaseClient& lease_client, const Board& board)
    : addresses_(options),
      watchdog_(options.timing),
      commitment_(options),
      peers_(options, addresses_),
      mark_(options),
      keeper_(lease_client, options, watchdog_,
              {[] { Children::wake(); }, [this](const rules::LeaseView& view) { return is_promised(view); }}),
      house_(options, addresses_, peers_, commitment_, board, [this] { return keeper_.view(); }),
      volume_(options, children, files_, mark_),
      files_(options, addresses_, [this](const std::string& path) { return volume_.check_settings(path); }),
      probe_(options),
      guard_(options, probe_),
      storage_(write_attempt(options)),
      door_(connect_attempt(options)),
      ports_{
          options, base::system_clock(), children, probe_, storage_, door_, files_, guard_, volume_, keeper_, watchdog_,
          house_,  commitment_} {}

bool RealWorld::is_promised(const rules::LeaseView& view) {
  const auto& set = view.synchronous;
  // Off: whoever may be elected must agree. Else as many as a commit needs: the rest is no quorum.
  const auto needed = set.number > 0                            ? static_cast<std::size_t>(set.number)
                      : set.mode == rules::SynchronousMode::Off ? set.names.size()
                                                                : 0;
  // Where nobody else could be elected, a pod that replaces ours could still take over this volume.
  return mark_.is_ours() && (needed == 0 || peers_.promise(set.names, view.transitions) >= needed);
}

}  // namespace cadence::agent::postgres
