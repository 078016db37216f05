// What gumbo is given in place of a page, and how its answer is read. Pure; linear in the page.
//
// What noscript holds is plain text to a browser that runs scripts, and markup to gumbo, which runs none: it is taken
// out and kept.
//
// gumbo looks at plain text byte by byte, which is most of the time a page takes, and decides nothing by it. So each
// stretch of text but its first character becomes one character for private use, and is put back when the tree is read.
// Where a stretch stands is found by a scan that knows tags roughly. It need not be right: only if every stretch comes
// back as text of the tree was none of them anything else, and other pages are left as they are (is_complete).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cadence::analysis::web {

class Prepared {
 public:
  // Stretches of fewer bytes than `least_stretch` stay. `source` is UTF-8, and outlives this.
  Prepared(std::string_view source, std::size_t least_stretch);

  [[nodiscard]] std::string_view to_parse() const { return is_changed() ? std::string_view(text_) : source_; }
  // What the noscript held that stood where to_parse() has a noframes at `place`; null when it had none.
  [[nodiscard]] const std::string_view* noscript_at(std::size_t place) const;
  // `said`, text of the tree, with its stretches put back in `scratch`; counts them in `stretches`.
  std::string_view restore(std::string_view said, std::string& scratch, std::size_t& stretches) const;
  [[nodiscard]] bool is_complete(std::size_t stretches) const { return stretches == stretches_.size(); }

 private:
  class Scan;
  [[nodiscard]] bool is_changed() const { return !noscripts_.empty() || !stretches_.empty(); }

  std::string_view source_;
  std::string text_;                                             // when anything was changed
  std::unordered_map<std::size_t, std::string_view> noscripts_;  // by place in text_; views of the source
  // of the source, by the number that their character has
  std::vector<std::string_view> stretches_;
};

}  // namespace cadence::analysis::web
