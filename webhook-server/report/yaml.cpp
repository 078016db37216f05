// YAML 1.2 that any reader of 1.1 takes the same way: block maps and lists, and every text that could be taken for
// something else in double quotes. json::dump_yaml is made for objects we wrote ourselves; messages of strangers begin
// with spaces, end in line feeds and hold characters that YAML forbids.
#include <cstdint>
#include <utility>

#include "analysis/text/unicode.hpp"
#include "report/report.hpp"

namespace cadence::report {
namespace {

void append_escape(std::string& out, char32_t character) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const int digits = character > 0xffff ? 8 : 4;
  out += digits == 8 ? "\\U" : "\\u";
  for (int i = digits - 1; i >= 0; --i) out += kDigits[(static_cast<std::uint32_t>(character) >> (4 * i)) & 0xf];
}

// Printable in YAML, and neither a line end of its own nor able to turn the reading direction.
bool is_plain(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c <= 0x9f)) return false;
  if (c >= 0x200b && c <= 0x200f) return false;
  if (c >= 0x2028 && c <= 0x202e) return false;
  if (c >= 0x2060 && c <= 0x206f) return false;
  return c != 0x61c && c != 0xfeff && c != 0xfffe && c != 0xffff;
}

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const auto character = analysis::character_at(text);
    const char32_t c = character.value;
    if (c == '"' || c == '\\') (out += '\\') += static_cast<char>(c);
    else if (c == '\n') out += "\\n";
    else if (c == '\t') out += "\\t";
    else if (is_plain(c)) analysis::append_character(out, c);
    else append_escape(out, c);
    text.remove_prefix(character.bytes);
  }
  return out + "\"";
}

std::string scalar(const json::Value& value) {
  if (value.is_string()) return in_quotes(value.get_ref<const std::string&>());
  auto text = value.dump();
  // YAML 1.1 takes 1e-05 for a text, 1.0e-05 for a number.
  if (value.is_number_float() && text.find('.') == std::string::npos)
    if (const auto exponent = text.find('e'); exponent != std::string::npos) text.insert(exponent, ".0");
  return text;
}

void append_value(std::string& out, const json::Value& value, std::size_t indent);

// `first_margin`: what stands before the first key; a list item's stands behind its dash.
void append_members(std::string& out, const json::Value& value, std::size_t indent, std::string first_margin) {
  for (const auto& [key, item] : value.items()) {
    out += std::exchange(first_margin, std::string(indent, ' ')) + key + ":";
    append_value(out, item, indent + 2);
  }
}

void append_value(std::string& out, const json::Value& value, std::size_t indent) {
  if (value.empty() || !value.is_structured()) {
    out += " " + scalar(value) + "\n";
  } else if (value.is_object()) {
    out += "\n";
    append_members(out, value, indent, std::string(indent, ' '));
  } else {
    out += "\n";
    for (const auto& item : value) {
      out += std::string(indent, ' ') + "-";
      if (item.is_object() && !item.empty()) append_members(out, item, indent + 2, " ");
      else append_value(out, item, indent + 2);
    }
  }
}

}  // namespace

std::string render_yaml(const Report& report) {
  std::string out;
  append_members(out, to_json(report), 0, "");
  return out;
}

}  // namespace cadence::report
