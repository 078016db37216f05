#include "agent/postgres/server/recovery_process.hpp"

#include <string>

#include "agent/postgres/volume/files.hpp"
#include "base/text.hpp"

namespace cadence::agent::postgres {
namespace {

std::string text_of(pid_t process, const std::string& file) {
  auto text = read_file("/proc/" + std::to_string(process) + "/" + file);
  return text ? std::move(*text) : std::string();
}

// After the name in brackets, which may itself hold brackets.
char state_of(const std::string& stat) {
  const auto end = stat.rfind(") ");
  return end == std::string::npos || end + 2 >= stat.size() ? 'X' : stat[end + 2];
}

}  // namespace

bool is_recovery_at_work(pid_t postmaster) {
  if (postmaster <= 0) return false;
  const auto children = text_of(postmaster, "task/" + std::to_string(postmaster) + "/children");
  for (const auto& word : base::split(children, ' ')) {
    const auto child = static_cast<pid_t>(base::parse_integer(word).value_or(0));
    if (child <= 0 || text_of(child, "cmdline").find("startup") == std::string::npos) continue;
    const char state = state_of(text_of(child, "stat"));
    return state == 'R' || state == 'D' || state == 'T' || state == 't';
  }
  return false;
}

}  // namespace cadence::agent::postgres
