// Strategies on single characters: 11 and 12.
#include <algorithm>

#include "analysis/text/text.hpp"
#include "analysis/text/unicode.hpp"
#include "analysis/web/strategies.hpp"

namespace cadence::analysis::web {
namespace {

// General punctuation is one of them, so curly quotes and dashes count (W-04).
bool is_emoji(char32_t c) {
  return (c >= 0x1f300 && c <= 0x1f9ff) || (c >= 0x2600 && c <= 0x27bf) || (c >= 0x2300 && c <= 0x23ff) ||
         (c >= 0x2000 && c <= 0x206f);
}

std::size_t count_emoji(std::string_view text) {
  constexpr unsigned char kLeast = 0xe2;  // begins U+2000
  std::size_t count = 0;
  for (std::size_t at = find_beyond_ascii(text, 0); at < text.size(); at = find_beyond_ascii(text, at + 1)) {
    if (static_cast<unsigned char>(text[at]) >= kLeast) count += is_emoji(character_at(text.substr(at)).value) ? 1 : 0;
  }
  return count;
}

std::size_t count_character(std::string_view text, char wanted) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), wanted));
}

Finding many(std::size_t count, std::string_view what, double severity) {
  const std::string text = std::to_string(count) + " " + std::string(what);
  return {severity, text, {text}};
}

}  // namespace

Judgement judge_emoji_overuse(const PageFacts& page) {
  if (page.characters == 0) return std::nullopt;
  const std::size_t emoji = count_emoji(page.text);
  const double share = static_cast<double>(emoji) / static_cast<double>(page.characters);
  const std::string percentage = fixed(share * 100, 1) + "%";
  if (emoji >= 5 && share > 0.05) {
    return Finding{share * 100,
                   std::to_string(emoji) + " emoji, " + percentage + " of the text",
                   {std::to_string(emoji) + " emoji"}};
  }
  if (share > 0.15)
    return Finding{0.8, "emoji make up " + percentage + " of the text", {"a large part of the text is emoji"}};
  return std::nullopt;
}

Judgement judge_special_characters(const PageFacts& page) {
  const std::size_t hyphens = count_character(page.text, '-');
  const std::size_t asterisks = count_character(page.text, '*');
  const std::size_t underscores = count_character(page.text, '_');
  if (hyphens >= 10) return many(hyphens, "hyphens", 0.7);  // anywhere in the text (W-05)
  const std::size_t rules = count_occurrences(page.text, "---");
  if (rules > 2 || (rules > 1 && page.words < 100)) return Finding{0.65, "lines drawn with hyphens", {"---"}};
  if (asterisks >= 6) return many(asterisks, "asterisks", 0.6);
  if (underscores >= 6) return many(underscores, "underscores", 0.6);
  if (page.characters == 0) return std::nullopt;
  const double share = static_cast<double>(hyphens + asterisks + underscores) / static_cast<double>(page.characters);
  if (share <= 0.15) return std::nullopt;
  return Finding{0.55,
                 "marks of plain-text markup are " + fixed(share * 100, 1) + "% of the text",
                 {"many hyphens, asterisks and underscores"}};
}

}  // namespace cadence::analysis::web
