// What analyses write down of commits and pairs, as bytes: in the machine's own order, each record with its length
// before it. Promises: a record that is cut or damaged reads as none. Does not know where they are kept.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "analysis/git/judge.hpp"
#include "analysis/git/options.hpp"

namespace cadence::analysis::source {

inline constexpr std::size_t kLongestText = 0xffff;

// The numbers of one record.
class Packer {
 public:
  template <class T>
  void number(T value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void oid(const git::Oid& oid) { bytes_.append(reinterpret_cast<const char*>(oid.bytes.data()), oid.bytes.size()); }
  void text(std::string_view text) {
    number(static_cast<std::uint16_t>(text.size()));
    bytes_ += text;
  }
  // The record with its length before it.
  [[nodiscard]] std::string take() const {
    const auto length = static_cast<std::uint32_t>(bytes_.size());
    return std::string(reinterpret_cast<const char*>(&length), sizeof length) + bytes_;
  }

 private:
  std::string bytes_;
};

// Reads what a Packer wrote; after the end everything is zero and is_good() false.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : rest_(bytes) {}
  template <class T>
  T number() {
    T value{};
    const std::string_view bytes = take(sizeof value);
    if (is_good_) std::memcpy(&value, bytes.data(), sizeof value);
    return value;
  }
  git::Oid oid() {
    const std::string_view bytes = take(20);
    return is_good_ ? git::Oid::from_bytes(bytes.data()) : git::Oid{};
  }
  void skip(std::size_t bytes) { take(bytes); }
  std::string_view text() { return take(number<std::uint16_t>()); }
  std::string_view record() { return take(number<std::uint32_t>()); }
  [[nodiscard]] bool is_good() const { return is_good_; }
  [[nodiscard]] bool is_over() const { return rest_.empty() || !is_good_; }

 private:
  std::string_view take(std::size_t count) {
    is_good_ = is_good_ && count <= rest_.size();
    const std::string_view taken = is_good_ ? rest_.substr(0, count) : std::string_view{};
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
  bool is_good_ = true;
};

// Begins with the two names. Empty for what is not to be remembered.
std::string verdict_record(const git::Oid& current, const git::Oid& previous, const git::Verdict& verdict);
std::optional<git::Verdict> read_verdict(std::string_view record);  // without its length

// Equal for options under which every verdict is the same.
std::string options_mark(const git::AnalysisOptions& options);

}  // namespace cadence::analysis::source
