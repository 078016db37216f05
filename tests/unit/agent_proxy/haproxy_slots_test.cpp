// The slots as a real HAProxy takes them and tells them back.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "agent/proxy/haproxy.hpp"
#include "agent/proxy/slots.hpp"
#include "folder.hpp"

namespace cadence::agent::proxy {
namespace {

class Process {
 public:
  Process() {
    std::ofstream(folder_ + "/haproxy.cfg")
        << "global\n  stats socket " + folder_ +
               "/admin.sock mode 600 level admin\n"
               "defaults\n  mode http\n  timeout connect 1s\n  timeout client 1s\n  timeout server 1s\n"
               "backend webhooks\n  server s1 127.0.0.1:1 disabled\n  server s2 127.0.0.1:1 disabled\n";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execlp("haproxy", "haproxy", "-db", "-q", "-f", (folder_ + "/haproxy.cfg").c_str(), nullptr);
      ::_exit(127);
    }
  }
  ~Process() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  [[nodiscard]] const std::string& folder() const { return folder_; }
  bool wait(const HaProxy& haproxy) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!haproxy.slots()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));  // the pause between two looks
    }
    return true;
  }

 private:
  test::Folder place_;
  std::string folder_ = place_.path();
  pid_t pid_ = 0;
};

TEST(HaproxySlots, WhatWasPlannedIsWhatItTellsAndNothingIsLeftToDo) {
  const Process process;
  const HaProxy haproxy(process.folder());
  ASSERT_TRUE(process.wait(haproxy));
  const std::vector<std::vector<Endpoint>> story = {{{"10.0.0.1", 8000}},
                                                    {{"10.0.0.1", 8000}, {"10.0.0.2", 8000}},
                                                    {{"10.0.0.1", 8000, true}, {"10.0.0.2", 8000}},
                                                    {{"10.0.0.2", 8000}},
                                                    {},
                                                    {{"10.0.0.3", 8000}}};
  for (std::size_t step = 0; step < story.size(); ++step) {
    const auto before = haproxy.slots();
    ASSERT_TRUE(before);
    const auto plan = plan_slots(*before, story[step], kBackend);
    ASSERT_TRUE(haproxy.send(plan.commands)) << step;
    const auto after = haproxy.slots();
    ASSERT_TRUE(after);
    EXPECT_EQ(*after, plan.after) << step;
    EXPECT_TRUE(plan_slots(*after, story[step], kBackend).commands.empty()) << step;
  }
}

}  // namespace
}  // namespace cadence::agent::proxy
