// What noscript holds is plain text to a browser that runs scripts, and markup to gumbo, which runs none. This takes the contents out
// before gumbo sees them and keeps them at hand. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>

namespace cadence::analysis::web {

struct Unscripted {
  std::string_view original;
  std::string rewritten;  // with an empty noframes, which is plain text to gumbo, for each noscript; empty when there is none
  std::unordered_map<std::size_t, std::string_view> contents;  // by the element's place in what is parsed; views of the original

  [[nodiscard]] std::string_view to_parse() const { return contents.empty() ? original : std::string_view(rewritten); }
};

Unscripted take_out_noscript(std::string_view source);

}  // namespace cadence::analysis::web
