#include <algorithm>
#include <map>

#include "analysis/git/strategies.hpp"
#include "analysis/text/text.hpp"

namespace cadence::analysis::git {
namespace {

constexpr std::string_view kInCode[] = {"todo",           "fixme",   "placeholder", "implement", "add code here",
                                        "your code here", "example", "sample",      "template",  "boilerplate"};
constexpr std::string_view kInMessage[] = {"boilerplate", "template",    "skeleton", "scaffold",
                                           "stub",        "placeholder", "todo",     "fixme"};

// A line as the neighbour test sees it.
struct Shape {
  std::string_view text;
  std::size_t words = 0;
};

bool are_similar(const Shape& a, const Shape& b) {
  if (a.text.size() <= 10 || b.text.size() <= 10 || a.words != b.words || a.words <= 3) return false;
  std::size_t differing = 0;
  Words of_a(a.text);
  Words of_b(b.text);
  for (std::size_t i = 0; i < a.words && differing <= 2; ++i) differing += of_a.next() != of_b.next() ? 1 : 0;
  return differing <= 2;
}

bool has_similar_neighbours(const AddedText& added) {
  std::size_t similar = 0;
  Shape previous;
  for (std::size_t i = 0; i < added.line_count(); ++i) {
    Shape shape{trim_white_space(added.line(i)), 0};
    if (shape.text.size() > 10) shape.words = count_words(shape.text);
    if (i > 0 && are_similar(previous, shape)) ++similar;
    previous = shape;
  }
  return similar > added.line_count() / 8;
}

std::size_t indent_of(std::string_view line) {
  std::size_t indent = 0;
  for (const char c : line) {
    if (c != ' ' && c != '\t') break;
    indent += c == ' ' ? 1 : 4;
  }
  return indent;
}

bool has_uniform_indents(const AddedText& added) {
  const std::size_t lines = added.line_count();
  if (lines <= 20) return false;
  std::map<std::size_t, std::size_t> groups;
  for (std::size_t i = 0; i < lines; ++i) {
    if (!trim_white_space(added.line(i)).empty()) ++groups[indent_of(added.line(i))];
  }
  std::size_t grouped = 0;
  for (const auto& [indent, size] : groups) grouped += size > lines / 10 ? size : 0;
  return static_cast<double>(grouped) / static_cast<double>(lines) > 0.9;
}

// `lower` has the lines of the added text.
bool has_many_imports(std::string_view lower, std::size_t lines) {
  std::size_t imports = 0;
  for (std::size_t at = lower.find("import"); at != std::string_view::npos; at = lower.find("import", at)) {
    ++imports;
    at = lower.find('\n', at);
    if (at == std::string_view::npos) break;
  }
  return imports > 5 && lines < 10 * imports;
}

std::ptrdiff_t count_indicators(const PairFacts& pair) {
  std::ptrdiff_t indicators = std::count_if(std::begin(kInCode), std::end(kInCode),
                                            [&](std::string_view phrase) { return contains(pair.lower_code, phrase); });
  indicators += has_similar_neighbours(*pair.added) ? 1 : 0;
  indicators += has_uniform_indents(*pair.added) ? 1 : 0;
  indicators += has_many_imports(pair.lower_code, pair.added->line_count()) ? 1 : 0;
  return indicators;
}

}  // namespace

Judgement judge_template_pattern(const PairFacts& pair, const Rules&) {
  if (pair.has_diff && pair.counts.additions > 50 && pair.added->line_count() >= 10) {
    const std::ptrdiff_t indicators = count_indicators(pair);
    if (indicators >= 2) return std::to_string(indicators) + " signs of template code";
  }
  const bool is_named = std::any_of(std::begin(kInMessage), std::end(kInMessage),
                                    [&](std::string_view phrase) { return contains(pair.lower_message, phrase); });
  if (pair.counts.additions <= 100 || !is_named) return std::nullopt;
  return std::to_string(pair.counts.additions) + " lines added under a message that speaks of a template";
}

}  // namespace cadence::analysis::git
