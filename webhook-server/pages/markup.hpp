// HTML that cannot be put together wrongly: markup is what stands in our source as a literal; every other text becomes
// a part of it through text(), the one place where it is escaped. Pure.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace cadence::pages {

class Markup {
 public:
  Markup() = default;
  template <std::size_t N>
  Markup(const char (&literal)[N]) : html_(literal, N - 1) {}  // NOLINT: literals are markup
  // What another room of ours has escaped already.
  static Markup from_report(std::string html) {
    Markup markup;
    markup.html_ = std::move(html);
    return markup;
  }

  Markup& operator+=(const Markup& more) {
    html_ += more.html_;
    return *this;
  }
  friend Markup operator+(Markup a, const Markup& b) { return std::move(a += b); }
  [[nodiscard]] bool is_empty() const { return html_.empty(); }
  [[nodiscard]] const std::string& html() const { return html_; }

 private:
  friend Markup text(std::string_view words);
  std::string html_;
};

// Any bytes, as a reader sees them: in an element or in a quoted attribute.
Markup text(std::string_view words);
inline Markup when(bool is_so, const Markup& then) { return is_so ? then : Markup(); }
// A name or a sentence of a stranger's: on one line, cut to `columns`, and with a reading direction of its own.
Markup words_of(std::string_view stranger, std::size_t columns);

}  // namespace cadence::pages
