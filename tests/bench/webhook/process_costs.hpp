// What processes have cost so far: processor time and context switches of whole trees, system calls of one.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>

#include "support.hpp"

namespace cadence::bench {

struct Costs {
  double user = 0, system = 0;  // seconds
  double switches = 0;          // of its threads, voluntary and not
  Costs& operator+=(const Costs& other);
  Costs operator-(const Costs& before) const;
  [[nodiscard]] double seconds() const { return user + system; }
};

// Of a process and all below it that are alive.
Costs costs_of_tree(pid_t root);
Costs costs_of_this_thread();

// Counts a process's system calls from its construction on, by perf; without perf, or without the right, none.
class SystemCalls {
 public:
  SystemCalls(pid_t process, const std::filesystem::path& folder);
  double stop();  // how many; negative where nothing was counted

 private:
  std::filesystem::path counted_;
  std::unique_ptr<test::Process> perf_;
};

}  // namespace cadence::bench
