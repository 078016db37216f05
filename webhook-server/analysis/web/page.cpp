#include "analysis/web/page.hpp"

#include <utility>

#include "analysis/text/text.hpp"
#include "analysis/text/unicode.hpp"
#include "analysis/web/outline.hpp"

namespace cadence::analysis::web {
namespace {

// Adds up what a reader of the page would count, and stops where hostile nesting would repeat the same text without
// end.
class Reading {
 public:
  Reading(const Outline& outline, std::size_t most_bytes) : outline_(outline), most_bytes_(most_bytes) {}

  // Every element that `wanted` says yes to, trimmed; those longer than `least` bytes are handed to `take`. False: too
  // much.
  template <class Wanted, class Take>
  bool each(std::size_t least, Wanted wanted, Take take) {
    for (const Outline::Element& element : outline_.elements) {
      if (!wanted(element)) continue;
      bytes_ += element.end - element.begin;
      if (bytes_ > most_bytes_) return false;
      const std::string_view piece = trim_white_space(outline_.text_of(element));
      if (piece.size() > least) take(piece);
    }
    return true;
  }

 private:
  const Outline& outline_;
  const std::size_t most_bytes_;
  std::size_t bytes_ = 0;
};

bool is_heading(const Outline::Element& element) {
  return element.part == Part::Heading1to3 || element.part == Part::Heading4to6;
}

// Section 2, step 4: three passes.
bool read_text(const Outline& outline, std::size_t most_bytes, std::string& text) {
  Reading reading(outline, most_bytes);
  const auto add_piece = [&text](std::string_view piece) {
    if (!text.empty()) text += '\n';  // no piece is empty
    text += piece;
  };
  return reading.each(0, is_heading, add_piece) &&
         reading.each(
             20, [](const auto& element) { return element.part == Part::Paragraph; }, add_piece) &&
         reading.each(
             0, [](const auto& element) { return element.part == Part::Item; }, add_piece);
}

// Section 2, step 5. Pieces are joined with line ends, so their words add up.
bool count_main_words(const Outline& outline, std::size_t most_bytes, std::size_t& words) {
  Reading reading(outline, most_bytes);
  std::size_t pieces = 0;
  const auto count = [&](std::string_view piece) {
    words += count_words(piece);
    ++pieces;
  };
  if (!reading.each(
          15, [](const auto& element) { return element.is_in_main; }, count))
    return false;
  if (pieces > 0) return true;
  const auto is_plain = [](const auto& element) {
    return element.part == Part::Heading1to3 || element.part == Part::Paragraph;
  };
  return reading.each(20, is_plain, count);
}

// Nothing: see lay_out().
base::Result<std::optional<Outline>> outline_of(std::string_view source, const PageBounds& bounds,
                                                std::size_t least_stretch) {
  const Prepared prepared(source, least_stretch);
  Arena arena(bounds.tree_bytes);
  const auto document = parse_html(prepared.to_parse(), arena, bounds);
  if (!document) return document.error();
  return lay_out(**document, prepared, bounds);
}

}  // namespace

base::Result<Page> read_page(std::string source, const PageBounds& bounds) {
  Page page;
  page.source = valid_utf8(std::move(source));
  auto found = outline_of(page.source, bounds, bounds.least_stretch);
  if (found && !*found) found = outline_of(page.source, bounds, std::string::npos);
  if (!found) return found.error();
  Outline& outline = **found;
  if (!read_text(outline, bounds.text_bytes, page.text) ||
      !count_main_words(outline, bounds.text_bytes, page.main_words)) {
    return repeats_too_much(bounds);
  }
  page.title = std::move(outline.title);
  page.headings = std::move(outline.headings);
  return page;
}

}  // namespace cadence::analysis::web
