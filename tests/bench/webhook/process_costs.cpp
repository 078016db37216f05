#include "process_costs.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.hpp"

namespace cadence::bench {

namespace fs = std::filesystem;

namespace {

// The fields of /proc/PID/stat behind the name, which may hold anything: the first is the state.
std::vector<std::string> stat_of(const fs::path& process) {
  std::ifstream file(process / "stat");
  std::string text;
  std::getline(file, text);
  const auto name_end = text.rfind(')');
  return name_end == std::string::npos ? std::vector<std::string>() : base::split(text.substr(name_end + 2), ' ');
}

double switches_of(const fs::path& process) {
  double switches = 0;
  std::error_code gone;
  for (const auto& thread : fs::directory_iterator(process / "task", gone)) {
    std::ifstream status(thread.path() / "status");
    for (std::string line; std::getline(status, line);)
      if (line.find("voluntary_ctxt_switches:") != std::string::npos)
        switches += std::stod(line.substr(line.find(':') + 1));
  }
  return switches;
}

}  // namespace

Costs& Costs::operator+=(const Costs& other) {
  user += other.user;
  system += other.system;
  switches += other.switches;
  return *this;
}

Costs Costs::operator-(const Costs& before) const {
  return {user - before.user, system - before.system, switches - before.switches};
}

Costs costs_of_tree(pid_t root) {
  constexpr std::size_t kParent = 1, kUser = 11, kSystem = 12;
  static const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  std::map<pid_t, std::vector<std::string>> all;
  for (const auto& entry : fs::directory_iterator("/proc"))
    if (const auto id = base::parse_integer(entry.path().filename().string()))
      if (auto stat = stat_of(entry.path()); stat.size() > kSystem) all[static_cast<pid_t>(*id)] = std::move(stat);
  Costs costs;
  std::vector<pid_t> open = {root};
  while (!open.empty()) {
    const auto process = open.back();
    open.pop_back();
    if (!all.contains(process)) continue;
    costs += {std::stod(all[process][kUser]) / ticks, std::stod(all[process][kSystem]) / ticks,
              switches_of("/proc/" + std::to_string(process))};
    for (const auto& [child, stat] : all)
      if (stat[kParent] == std::to_string(process)) open.push_back(child);
  }
  return costs;
}

Costs costs_of_this_thread() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return {seconds(used.ru_utime), seconds(used.ru_stime), static_cast<double>(used.ru_nvcsw + used.ru_nivcsw)};
}

SystemCalls::SystemCalls(pid_t process, const fs::path& folder) : counted_(folder / "system-calls") {
  fs::remove(counted_);
  perf_ = std::make_unique<test::Process>(
      std::vector<std::string>{"perf", "stat", "-x", ",", "-e", "raw_syscalls:sys_enter", "-p", std::to_string(process),
                               "-o", counted_.string()},
      folder, "/dev/null");
}

double SystemCalls::stop() {
  perf_->signal(SIGINT);
  (void)perf_->wait(std::chrono::seconds(5));
  std::ifstream file(counted_);
  for (std::string line; std::getline(file, line);)
    if (line.find("raw_syscalls") != std::string::npos && line[0] >= '0' && line[0] <= '9') return std::stod(line);
  return -1;
}

}  // namespace cadence::bench
