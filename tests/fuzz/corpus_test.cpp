// The kept corpora through the fuzzers' targets: each file, simple damage to it, and random damage from a fixed seed.
// No clang needed. CADENCE_FUZZ_ROUNDS asks for more random damage than CI has time for; what breaks a promise is kept
// in the working folder as found-TARGET.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "targets.hpp"

namespace cadence::fuzz {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSeed = 20260304;
constexpr std::uint64_t kRounds = 2000;

std::string present_target, present_input;

// Of a target that aborts, the input is all that helps.
void keep_input(int signal) {
  const int file = ::open(("found-" + present_target).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file >= 0 && ::write(file, present_input.data(), present_input.size()) >= 0) ::close(file);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

class Corpus : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    target_ = target_named(GetParam());
    ASSERT_NE(target_, nullptr);
    present_target = GetParam();
    for (const int each : {SIGABRT, SIGSEGV, SIGFPE}) std::signal(each, keep_input);
    for (const fs::directory_entry& entry : fs::directory_iterator(fs::path(CADENCE_FUZZ_CORPUS) / GetParam())) {
      std::ifstream file(entry.path(), std::ios::binary);
      inputs_.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    std::sort(inputs_.begin(), inputs_.end());
    ASSERT_GT(inputs_.size(), 2U);
  }

  void try_out(std::string input) {
    present_input = std::move(input);
    target_(present_input);
  }

  Target target_ = nullptr;
  std::vector<std::string> inputs_;
};

std::vector<std::string> targets() {
  std::vector<std::string> found;
  for (const fs::directory_entry& entry : fs::directory_iterator(CADENCE_FUZZ_CORPUS))
    found.push_back(entry.path().filename().string());
  std::sort(found.begin(), found.end());
  return found;
}

TEST_P(Corpus, KeepsEveryPromise) {
  for (const std::string& input : inputs_) {
    try_out(input);
    const std::size_t step = std::max<std::size_t>(1, input.size() / 40);
    for (std::size_t at = 0; at < input.size(); at += step) {
      try_out(input.substr(0, at));
      std::string damaged = input;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at % 8)));
      try_out(damaged);
      damaged[at] = '\n';
      try_out(damaged);
    }
  }
}

// One change in the manner of a fuzzer: a bit, a byte, a piece that goes, comes twice or comes from another input.
std::string changed(std::string text, const std::vector<std::string>& inputs, std::mt19937_64& random) {
  const auto below = [&](std::size_t bound) { return bound == 0 ? 0 : random() % bound; };
  const auto at = below(text.size());
  const auto length = 1 + below(std::min<std::size_t>(text.size() - at, 16) + 1);
  switch (below(6)) {
    case 0:
      if (!text.empty()) text[at] = static_cast<char>(text[at] ^ (1 << below(8)));
      return text;
    case 1:
      if (!text.empty()) text[at] = static_cast<char>(below(256));
      return text;
    case 2:
      return text.erase(at, length);
    case 3:
      return text.insert(at, text.substr(at, length));
    case 4:
      return text.insert(at, 1, "0-1\n\0 {}[]\",:\xff\r"[below(16)]);
    default: {
      const std::string& other = inputs[below(inputs.size())];
      return text.insert(at, other.substr(below(other.size()), length));
    }
  }
}

TEST_P(Corpus, KeepsEveryPromiseUnderRandomDamage) {
  const char* asked = std::getenv("CADENCE_FUZZ_ROUNDS");
  const auto rounds = asked == nullptr ? kRounds : std::strtoull(asked, nullptr, 10);
  std::mt19937_64 random(kSeed);
  std::string text = inputs_.front();
  for (std::uint64_t round = 0; round < rounds; ++round) {
    if (round % 8 == 0) text = inputs_[random() % inputs_.size()];
    text = changed(text, inputs_, random);
    try_out(text);
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, Corpus, ::testing::ValuesIn(targets()), [](const auto& one) { return one.param; });

}  // namespace
}  // namespace cadence::fuzz
