#include "analyze/run.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <thread>

#include "analysis/source/git/excerpt.hpp"
#include "analysis/source/web/page_analysis.hpp"
#include "analysis/source/git/repository.hpp"
#include "analysis/source/guard/url.hpp"
#include "analyze/output.hpp"
#include "analyze/progress.hpp"
#include "analyze/target.hpp"
#include "base/text.hpp"
#include "opinion/ask.hpp"
#include "report/figures.hpp"
#include "report/report.hpp"
#include "report/visible.hpp"

namespace cadence::analyze {
namespace {

namespace source = analysis::source;
using base::Error;
using base::ErrorKind;
using base::Result;

constexpr std::size_t kMostFindings = 100;  // that a model can be asked about
constexpr std::size_t kMostCode = 4000;     // bytes that it is shown of a commit

// Nobody else's: who owns a folder can lock it, or put another repository in the place of ours.
Result<std::filesystem::path> clone_folder() {
  std::error_code error;
  const auto temporary = std::filesystem::temp_directory_path(error);
  if (error)
    return Error{ErrorKind::Invalid,
                 "There is no folder for temporary files (" + error.message() + "). Set TMPDIR to one"};
  const auto folder = temporary / ("cadence-webhook-" + std::to_string(::getuid()));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return Error{ErrorKind::Invalid, "Could not make the folder " + folder.string() + ": " + std::strerror(errno) +
                                         ". Set TMPDIR to a folder that can be written"};
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  struct stat state {};
  const bool is_ours =
      opened >= 0 && ::fstat(opened, &state) == 0 && state.st_uid == ::geteuid() && ::fchmod(opened, 0700) == 0;
  if (opened >= 0) ::close(opened);
  if (!is_ours)
    return Error{ErrorKind::Forbidden,
                 folder.string() + " is not a folder of yours. Remove it, or set TMPDIR to another folder"};
  return folder;
}

// "." and the like have a name of their own only on disk.
std::string name_of(const Target& target) {
  if (!target.is_folder || target.name.find_first_not_of('.') != std::string::npos) return target.name;
  std::error_code error;
  const auto folder = std::filesystem::canonical(target.location, error);
  return error ? target.name : last_part(folder.string());
}

std::string rules_of(const config::Config& config, bool is_website) {
  const bool is_upstream = config.analysis.profile == analysis::git::Profile::Upstream;
  const bool is_sorted = config.analysis.effective_quartiles() == analysis::git::Quartiles::Sorted;
  return std::string(is_upstream ? "upstream" : "corrected") + " profile" +
         (is_website  ? ""
          : is_sorted ? ", sorted quartiles"
                      : ", unsorted quartiles");
}

class Analysis {
 public:
  Analysis(const config::AnalyzeLine& line, const config::Config& config, Progress& progress, std::stop_token stop)
      : line_(line), config_(config), progress_(progress), stop_(std::move(stop)) {}

  Result<report::Report> run() {
    const auto target = target_of(line_.target, line_.kind);
    if (!target) return target.error();
    report::Report report;
    report.source = target->is_folder ? line_.target : source::printable_url(line_.target);
    report.branch = line_.branch;
    report.rules = rules_of(config_, target->is_website);
    if (target->is_website) {
      if (!line_.branch.empty() || !line_.commit.empty())
        return Error{ErrorKind::Invalid, report.source + " is taken for a web page, which has no " +
                                             (line_.branch.empty() ? "--commit" : "--branch") +
                                             ". Leave it out, or say --type repository"};
      auto page = analyse_page(target->location);
      if (!page) return page.error();
      report.found = std::move(*page);
      return report;
    }
    report.name = name_of(*target);
    auto found = target->is_folder ? analyse_folder(target->location) : analyse_url(target->location);
    if (!found) return found.error();
    report.found = std::move(*found);
    return report;
  }

  // What the model may see of the weightiest commits' code, in their order; empty unless the user lets it out.
  [[nodiscard]] const std::vector<std::string>& code() const { return code_; }
  // Objects that could not be read: what depends on them is missing in the report.
  [[nodiscard]] std::uint64_t unreadable() const { return unreadable_; }

 private:
  Result<analysis::web::WebResult> analyse_page(const std::string& url) {
    progress_.tell("Fetching the page");
    source::FetchOptions fetch;
    fetch.url = url;
    fetch.user_agent = config_.user_agent;
    fetch.allowed_hosts = config_.allowed_hosts;
    fetch.allow_private_networks = config_.allow_private_networks;
    return source::analyse_page(std::move(fetch), config_.web_analysis(), stop_);
  }

  Result<analysis::git::AnalysisResult> analyse_folder(const std::string& folder, const std::string& name = {}) {
    std::error_code ignored;
    if (std::filesystem::exists(folder, ignored) && !std::filesystem::is_directory(folder, ignored))
      return Error{ErrorKind::Invalid,
                   folder + " is a file. Give the folder of a repository, or a URL that begins with https://"};
    if (!std::filesystem::is_directory(folder, ignored))
      return Error{ErrorKind::NotFound, "There is no folder " + folder +
                                            ". Give the folder of a repository, or a URL that begins with https://"};
    progress_.tell("Listing commits");
    source::AnalyseOptions how;
    how.name = name;
    how.rules = config_.analysis;
    how.rules.lists_all = true;
    how.rules.keeps_sizes = line_.format == config::Format::Text || line_.format == config::Format::Html;
    how.threads =
        line_.threads > 0 ? static_cast<unsigned>(line_.threads) : std::max(1U, std::thread::hardware_concurrency());
    how.progress = [this](std::size_t done, std::size_t all) { progress_.advance(done, all); };
    how.on_unreadable = [this](std::uint64_t objects) { unreadable_ += objects; };
    auto found = source::analyse(folder, {line_.branch, line_.commit, true}, how, stop_);
    if (found && config_.ai.is_enabled && config_.ai.include_code) code_ = code_of(folder, *found);
    return found;
  }

  [[nodiscard]] std::vector<std::string> code_of(const std::string& folder,
                                                 const analysis::git::AnalysisResult& found) const {
    std::vector<std::string> commits;
    for (const auto* one : report::weightiest(found, static_cast<std::size_t>(config_.ai.max_commits)))
      commits.push_back(one->commit_hash);
    return source::added_lines(folder, commits, kMostCode, config_.analysis, stop_);
  }

  Result<analysis::git::AnalysisResult> analyse_url(const std::string& url) {
    progress_.tell("Cloning");
    source::CloneOptions fetch;
    fetch.url = url;
    // A commit is looked for in the whole repository: with a branch named, only that would be fetched.
    if (line_.commit.empty()) fetch.branch = line_.branch;
    fetch.after = line_.commit;
    const auto folder = clone_folder();
    if (!folder) return folder.error();
    source::remove_left_overs(*folder);
    fetch.folder = *folder;
    fetch.allow_private_networks = config_.allow_private_networks;
    fetch.allowed_hosts = config_.allowed_hosts;
    fetch.credentials = config_.credentials_folder;
    fetch.max_bytes = static_cast<std::uint64_t>(config_.max_repository_bytes);
    fetch.max_memory = static_cast<std::uint64_t>(config_.max_memory_bytes);
    fetch.time_limit = std::chrono::seconds(config_.clone_timeout_seconds);
    const auto clone = source::clone(fetch, stop_);
    if (!clone) return clone.error();
    return analyse_folder(clone->path().string(), source::printable_url(url));
  }

  const config::AnalyzeLine& line_;
  const config::Config& config_;
  Progress& progress_;
  const std::stop_token stop_;
  std::vector<std::string> code_;
  std::uint64_t unreadable_ = 0;
};

opinion::Question question_of(const report::Report& report, const std::vector<std::string>& code) {
  opinion::Question question;
  const auto verdict = report::verdict_of(report);
  question.figures = {{"suspicious_share", verdict.suspicious_share},
                      {"high", verdict.high},
                      {"medium", verdict.medium},
                      {"low", verdict.low}};
  if (const auto* git = report.git()) {
    question.subject = "commits of a git history";
    question.figures["commits"] = git->total_commits;
    for (const auto* one : report::weightiest(*git, kMostFindings)) {
      const std::size_t place = question.findings.size();
      question.findings.push_back({one->commit_hash, one->message, std::string(analysis::git::to_string(one->severity)),
                                   one->reasons, place < code.size() ? code[place] : std::string()});
    }
    return question;
  }
  question.subject = "patterns found in a web page";
  question.figures["words"] = report.web()->word_count;
  for (const auto& one : report.web()->web_patterns)
    question.findings.push_back({one.type, one.description, std::string(analysis::web::severity_word(one)), {}, {}});
  return question;
}

opinion::Opinion opinion_on(const report::Report& report, const std::vector<std::string>& code,
                            const config::Config& config, const std::stop_token& stop) {
  auto options = config.ai;
  options.allow_private_networks = config.allow_private_networks;
  options.allowed_hosts = config.allowed_hosts;
  return opinion::ask(question_of(report, code), options, stop);
}

report::TextLook look_of(const config::AnalyzeLine& line) {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr && *value != 0 ? std::string_view(value) : std::string_view();
  };
  report::TextLook look;
  winsize size{};
  const bool is_terminal = line.output.empty() && ::isatty(STDOUT_FILENO) == 1;
  if (is_terminal && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) look.columns = size.ws_col;
  look.has_colour = is_terminal && set("NO_COLOR").empty() && set("TERM") != "dumb";
  const auto locale = !set("LC_ALL").empty() ? set("LC_ALL") : !set("LC_CTYPE").empty() ? set("LC_CTYPE") : set("LANG");
  const auto encoding = base::to_lower(locale);
  look.has_unicode = encoding.find("utf-8") != std::string::npos || encoding.find("utf8") != std::string::npos;
  if (line.rows > 0) look.rows = static_cast<std::size_t>(line.rows);
  return look;
}

std::string render(const report::Report& report, const config::AnalyzeLine& line) {
  switch (line.format) {
    case config::Format::Json:
      return report::render_json(report);
    case config::Format::Yaml:
      return report::render_yaml(report);
    case config::Format::Html:
      return line.rows > 0 ? report::render_html(report, static_cast<std::size_t>(line.rows))
                           : report::render_html(report);
    case config::Format::Text:
      break;
  }
  return report::render_text(report, look_of(line));
}

bool is_beyond(const report::Verdict& verdict, const config::AnalyzeLine& line) {
  if (line.fail_above && verdict.suspicious_share > *line.fail_above) return true;
  if (line.fail_on == "high") return verdict.high > 0;
  if (line.fail_on == "medium") return verdict.high + verdict.medium > 0;
  return line.fail_on == "low" && verdict.high + verdict.medium + verdict.low > 0;
}

int complain(const Error& error) {
  // Who refuses names what a server has; a command line has an option besides.
  const bool is_private = error.message.find("clone.allowed_hosts") != std::string::npos;
  std::cerr << "cadence-webhook: " << report::visible_line(error.message)
            << (is_private ? ", or give --allow-private-networks" : "") << "\n";
  return kFailed;
}

}  // namespace

int run(const config::AnalyzeLine& line, const config::Config& config, std::stop_token stop) {
  Progress progress(!line.is_quiet && Progress::is_possible());
  Analysis analysis(line, config, progress, stop);
  auto report = analysis.run();
  progress.clear();
  if (!report) return complain(report.error());
  if (config.ai.is_enabled) {
    progress.tell("Asking for a second opinion");
    report->opinion = opinion_on(*report, analysis.code(), config, stop);
    progress.clear();
  }
  if (stop.stop_requested())
    return complain({ErrorKind::Canceled, "The analysis was stopped. It can be started again"});
  const auto text = render(*report, line);
  const auto written = line.output.empty() ? write_standard_output(text) : write_file(line.output, text);
  if (!written) return complain(written.error());
  if (analysis.unreadable() > 0) {
    std::error_code no_path;  // a URL may be longer than any path
    const bool is_folder = std::filesystem::is_directory(line.target, no_path);
    return complain(
        {ErrorKind::NotFound,
         "The report is incomplete: objects of the repository could not be read, " +
             std::to_string(analysis.unreadable()) + " times. " +
             (is_folder ? "Fetch what a partial clone left out (git fetch --refetch --no-filter), or look for damage "
                          "(git fsck)"
                        : "Try again; if it stays so, clone the repository and look for damage (git fsck)")});
  }
  return is_beyond(report::verdict_of(*report), line) ? kAboveLimit : kDone;
}

}  // namespace cadence::analyze
