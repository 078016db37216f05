#include "analyze/progress.hpp"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace cadence::analyze {

namespace {

constexpr std::size_t kBar = 30;
constexpr std::chrono::milliseconds kBetween{100};  // an eye sees no more

}  // namespace

Progress::Progress(bool is_shown) : is_shown_(is_shown) {}
Progress::~Progress() { clear(); }

bool Progress::is_possible() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view(terminal) != "dumb";
}

void Progress::draw(const std::string& line) {
  std::cerr << "\r\x1b[K" << line << std::flush;
  is_drawn_ = true;
}

void Progress::tell(const std::string& what) {
  if (!is_shown_) return;
  const std::scoped_lock lock(mutex_);
  draw(what + " …");
}

void Progress::advance(std::size_t done, std::size_t all) {
  if (!is_shown_ || all == 0) return;
  const std::scoped_lock lock(mutex_);
  const auto now = base::system_clock().monotonic();
  if (now - last_ < kBetween && done < all) return;
  last_ = now;
  const std::size_t filled = done * kBar / all;
  draw("Judging commits [" + std::string(filled, '#') + std::string(kBar - filled, '.') + "] " +
       std::to_string(done * 100 / all) + " % of " + std::to_string(all));
}

void Progress::clear() {
  const std::scoped_lock lock(mutex_);
  if (is_drawn_) std::cerr << "\r\x1b[K" << std::flush;
  is_drawn_ = false;
}

}  // namespace cadence::analyze
