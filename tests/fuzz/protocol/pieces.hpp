// What targets share: promises, and inputs that arrive in pieces.
#pragma once

#include <cstdlib>
#include <iostream>
#include <string_view>
#include <vector>

namespace cadence::fuzz {

inline void require(bool holds, const char* promise) {
  if (holds) return;
  std::cerr << "broken promise: " << promise << "\n";
  std::abort();
}

// The first byte of an input as a length of pieces, and the rest.
inline std::size_t take_step(std::string_view& input) {
  if (input.empty()) return 1;
  const auto step = static_cast<unsigned char>(input.front());
  input.remove_prefix(1);
  return 1 + step % 64;
}

inline std::vector<std::string_view> pieces_of(std::string_view text, std::size_t step) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size(); at += step) out.push_back(text.substr(at, step));
  return out;
}

}  // namespace cadence::fuzz
