// The port behind which a job's analysis happens, so that the queue knows nothing of git or pages.
#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "queue/job.hpp"

namespace cadence::queue {

struct StrategyCount {
  std::string name;
  std::int64_t detections = 0;
};

struct Analysis {
  std::string result, summary;  // JSON objects
  int detections = 0, flagged = 0;
  std::vector<StrategyCount> strategies{};  // those that ran
};

class Analyzer {
 public:
  virtual ~Analyzer() = default;
  // Called on several threads at once. Ends soon after `stop`, with Canceled. The error's message is what the user
  // reads in the job.
  virtual base::Result<Analysis> analyse(const Claim& claim, const std::function<void(const std::string&)>& progress,
                                         std::stop_token stop) = 0;
};

}  // namespace cadence::queue
