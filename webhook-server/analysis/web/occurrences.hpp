// How often each of many phrases occurs in a text, counted in one pass over it (Aho and Corasick 1975): more than a
// hundred passes would take longer than reading the page. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cadence::analysis::web {

// Finds all of its phrases at once. Made once, used by any number of threads.
class PhraseFinder {
 public:
  explicit PhraseFinder(std::vector<std::string> phrases);
  PhraseFinder(const PhraseFinder&) = delete;
  PhraseFinder& operator=(const PhraseFinder&) = delete;

  // Occurrences of each phrase, from the left and not overlapping others of the same phrase.
  [[nodiscard]] std::vector<std::uint32_t> count(std::string_view text) const;
  // The place of a phrase in what count() gives; -1 when it is none.
  [[nodiscard]] std::ptrdiff_t place_of(std::string_view phrase) const;

 private:
  void add(std::uint32_t phrase);
  void connect();

  std::vector<std::string> phrases_;
  std::unordered_map<std::string_view, std::uint32_t> places_;
  std::array<std::uint8_t, 256> classes_{};  // of bytes; 0 is every byte that no phrase holds
  std::size_t class_count_ = 1;
  // From a state's first place and a class to the next state's first place, twice; plus one when a phrase ends there.
  std::vector<std::uint32_t> next_;
  std::vector<std::vector<std::uint32_t>> ends_;  // by state: phrases that end there
};

class Occurrences {
 public:
  Occurrences(std::string text, const PhraseFinder& finder)
      : text_(std::move(text)), finder_(finder), counts_(finder.count(text_)) {}

  [[nodiscard]] std::string_view text() const { return text_; }
  // Phrases that the finder does not know are looked for, so the answer is right for all.
  [[nodiscard]] std::size_t of(std::string_view phrase) const;
  [[nodiscard]] bool has(std::string_view phrase) const { return of(phrase) > 0; }

  [[nodiscard]] std::size_t total(std::span<const std::string_view> phrases) const;     // occurrences of all
  [[nodiscard]] std::size_t distinct(std::span<const std::string_view> phrases) const;  // how many of them occur
  // The first `most` that occur, in the list's order.
  [[nodiscard]] std::vector<std::string> first(std::span<const std::string_view> phrases, std::size_t most) const;

 private:
  std::string text_;
  const PhraseFinder& finder_;
  std::vector<std::uint32_t> counts_;
};

}  // namespace cadence::analysis::web
