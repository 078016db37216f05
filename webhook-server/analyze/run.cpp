#include "analyze/run.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <thread>

#include "analysis/source/repository.hpp"
#include "analysis/source/url.hpp"
#include "analyze/output.hpp"
#include "analyze/target.hpp"
#include "report/report.hpp"

namespace cadence::analyze {
namespace {

namespace source = analysis::source;
using base::Error;
using base::ErrorKind;
using base::Result;

// Nobody else's: others could lock a shared one.
std::filesystem::path clone_folder() {
  return std::filesystem::temp_directory_path() / ("cadence-webhook-" + std::to_string(::getuid()));
}

class Analysis {
 public:
  Analysis(const config::AnalyzeLine& line, const config::Config& config, std::stop_token stop)
      : line_(line), config_(config), stop_(std::move(stop)) {}

  Result<report::Report> run() {
    const auto target = target_of(line_.target, line_.kind);
    if (!target) return target.error();
    if (target->is_website) return Error{ErrorKind::Invalid, "Web pages cannot be analysed yet"};
    auto found = target->is_folder ? analyse_folder(target->location) : analyse_url(target->location);
    if (!found) return found.error();
    return report::Report{target->is_folder ? line_.target : source::printable_url(line_.target), target->name, std::move(*found)};
  }

 private:
  Result<analysis::git::AnalysisResult> analyse_folder(const std::string& folder) {
    std::error_code ignored;
    if (!std::filesystem::is_directory(folder, ignored))
      return Error{ErrorKind::NotFound, "There is no folder " + folder + ". Give the folder of a repository, or a URL that begins with https://"};
    source::AnalyseOptions how;
    how.rules = config_.analysis;
    how.rules.lists_all = true;
    how.threads = line_.threads > 0 ? static_cast<unsigned>(line_.threads) : std::max(1U, std::thread::hardware_concurrency());
    return source::analyse(folder, {line_.branch, line_.commit}, how, stop_);
  }

  Result<analysis::git::AnalysisResult> analyse_url(const std::string& url) {
    source::CloneOptions fetch;
    fetch.url = url;
    fetch.branch = line_.branch;
    fetch.after = line_.commit;
    fetch.folder = clone_folder();
    fetch.allow_private_networks = config_.allow_private_networks;
    fetch.allowed_hosts = config_.allowed_hosts;
    fetch.max_bytes = static_cast<std::uint64_t>(config_.max_repository_bytes);
    fetch.time_limit = std::chrono::seconds(config_.clone_timeout_seconds);
    const auto clone = source::clone(fetch, stop_);
    if (!clone) return clone.error();
    return analyse_folder(clone->path().string());
  }

  const config::AnalyzeLine& line_;
  const config::Config& config_;
  const std::stop_token stop_;
};

int complain(const Error& error) {
  std::cerr << "cadence-webhook: " << error.message << "\n";
  return kFailed;
}

}  // namespace

int run(const config::AnalyzeLine& line, const config::Config& config, std::stop_token stop) {
  source::remove_left_overs(clone_folder());
  const auto report = Analysis(line, config, std::move(stop)).run();
  if (!report) return complain(report.error());
  const auto text = report::render_json(*report);
  const auto written = line.output.empty() ? write_standard_output(text) : write_file(line.output, text);
  return written ? kDone : complain(written.error());
}

}  // namespace cadence::analyze
