// The queue's Analyzer on the web analysis: fetch the page, judge it, render the result's JSON.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "analysis/web/options.hpp"
#include "queue/analyzer.hpp"

namespace cadence::jobs {

struct WebsiteAnalyzerOptions {
  std::string user_agent;
  std::vector<std::string> allowed_hosts;
  bool allow_private_networks = false;
  analysis::web::Options rules;
};

std::unique_ptr<queue::Analyzer> make_website_analyzer(WebsiteAnalyzerOptions options);

}  // namespace cadence::jobs
