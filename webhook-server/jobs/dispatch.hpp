// One Analyzer out of two: the job's event type decides who analyses it.
#pragma once

#include <string_view>

#include "queue/analyzer.hpp"

namespace cadence::jobs {

constexpr const char* kRepositoryJob = "api_analysis_repo";
constexpr const char* kWebsiteJob = "api_analysis_website";

// "web" or "git", as metrics name it.
std::string_view source_of(std::string_view event_type);

class Dispatch final : public queue::Analyzer {
 public:
  Dispatch(queue::Analyzer& repositories, queue::Analyzer& websites)
      : repositories_(repositories), websites_(websites) {}
  base::Result<queue::Analysis> analyse(const queue::Claim& claim,
                                        const std::function<void(const std::string&)>& progress,
                                        std::stop_token stop) override;

 private:
  queue::Analyzer& repositories_;
  queue::Analyzer& websites_;
};

}  // namespace cadence::jobs
