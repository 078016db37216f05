// Whose work a line of the log is about.
#include "base/log_context.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "base/log.hpp"

namespace cadence::base {
namespace {

std::string logged(const std::function<void()>& write, LogFormat format = LogFormat::Json) {
  set_up_logging(LogLevel::Info, format);
  testing::internal::CaptureStderr();
  write();
  auto text = testing::internal::GetCapturedStderr();
  set_up_logging(LogLevel::Info, LogFormat::Text);
  return text;
}

TEST(LogContext, IsInEachLineWhileItLives) {
  const auto text = logged([] {
    {
      const LogContext outer({{"job", "j1"}, {"delivery", ""}});
      const LogContext inner(LogContextFields{{"trace_id", "t\"1"}});
      log_info("Both", {{"error", "x"}});
    }
    log_info("None");
  });
  EXPECT_NE(text.find(R"("msg":"Both","error":"x","job":"j1","trace_id":"t\"1"})"), std::string::npos) << text;
  EXPECT_NE(text.find(R"("msg":"None"})"), std::string::npos) << text;
  EXPECT_EQ(text.find("delivery"), std::string::npos) << "what is not known is not told";
}

TEST(LogContext, AFieldOfTheLineItselfStandsOnce) {
  const auto text = logged([] {
    const LogContext context(LogContextFields{{"job", "of the context"}});
    log_info("One", {{"job", "own"}});
  });
  EXPECT_NE(text.find(R"("job":"own"})"), std::string::npos) << text;
  EXPECT_EQ(text.find("of the context"), std::string::npos);
}

TEST(LogContext, IsTextToo) {
  const auto text = logged(
      [] {
        const LogContext context({{"job", "j1"}, {"delivery", "two words"}});
        log_info("One");
      },
      LogFormat::Text);
  EXPECT_NE(text.find("One job=j1 delivery=\"two words\"\n"), std::string::npos) << text;
}

TEST(LogContext, ConcernsNoOtherThread) {
  const LogContext context(LogContextFields{{"job", "j1"}});
  std::thread([] { EXPECT_TRUE(log_context().empty()); }).join();
  EXPECT_EQ(log_context().size(), 1u);
}

}  // namespace
}  // namespace cadence::base
