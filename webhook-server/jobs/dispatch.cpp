#include "jobs/dispatch.hpp"

namespace cadence::jobs {

std::string_view source_of(std::string_view event_type) { return event_type == kWebsiteJob ? "web" : "git"; }

base::Result<queue::Analysis> Dispatch::analyse(const queue::Claim& claim,
                                                const std::function<void(const std::string&)>& progress,
                                                std::stop_token stop) {
  auto& analyzer = claim.spec.event_type == kWebsiteJob ? websites_ : repositories_;
  return analyzer.analyse(claim, progress, std::move(stop));
}

}  // namespace cadence::jobs
