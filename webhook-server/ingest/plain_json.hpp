// Reads what JSON mostly is, at once and without copies: names and strings in UTF-8, whole numbers, short escapes.
// Promises: whatever it reads to its end is JSON, and its events are those of nlohmann's parser, less those of values
// in which the events' owner has no interest. Whatever it is not sure of it gives up, right or wrong: then somebody
// else reads it from the beginning, and says what is wrong.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "analysis/text/unicode.hpp"
#include "base/text.hpp"

namespace cadence::ingest {

// `Events`: nlohmann's, of which each returns false to give up, and two more: is_next_wanted(), asked before each value
// that is not the whole; skipped(), when that was passed over.
template <class Events>
class PlainJson {
 public:
  PlainJson(std::string_view text, Events& events, int deepest)
      : at_(text.data()), end_(text.data() + text.size()), events_(events), deepest_(deepest) {}

  bool read() {
    pass_space();
    if (!is_at('{') || !object()) return false;
    pass_space();
    return at_ == end_;
  }

 private:
  bool is_at(char c) const { return at_ != end_ && *at_ == c; }
  bool take(char c) {
    if (!is_at(c)) return false;
    ++at_;
    return true;
  }
  void pass_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
  }

  bool member_or_element() {
    if (events_.is_next_wanted()) return value();
    return pass_value() && events_.skipped();
  }

  bool value() {
    if (at_ == end_) return false;
    if (*at_ == '{') return object();
    if (*at_ == '[') return list();
    if (*at_ == '"') return string(text_) && events_.string(text_);
    if (pass_word("true")) return events_.boolean(true);
    if (pass_word("false")) return events_.boolean(false);
    if (pass_word("null")) return events_.null();
    return number();
  }

  bool object() {
    return container(
        '{', '}', [this] { return events_.start_object(0); },
        [this] { return string(text_) && events_.key(text_) && pass_colon() && member_or_element(); },
        [this] { return events_.end_object(); });
  }

  bool list() {
    return container(
        '[', ']', [this] { return events_.start_array(0); }, [this] { return member_or_element(); },
        [this] { return events_.end_array(); });
  }

  // The same without events.
  bool pass_value() {
    if (at_ == end_) return false;
    const auto nothing = [] { return true; };
    if (*at_ == '{')
      return container(
          '{', '}', nothing, [this] { return pass_string() && pass_colon() && pass_value(); }, nothing);
    if (*at_ == '[')
      return container(
          '[', ']', nothing, [this] { return pass_value(); }, nothing);
    if (*at_ == '"') return pass_string();
    bool is_whole = true;
    return pass_word("true") || pass_word("false") || pass_word("null") || pass_number(is_whole);
  }

  template <class Begin, class Item, class End>
  bool container(char first, char last, const Begin& begin, const Item& item, const End& end) {
    if (!take(first) || ++depth_ > deepest_ || !begin()) return false;
    pass_space();
    if (!is_at(last)) {
      do {
        pass_space();
        if (!item()) return false;
        pass_space();
      } while (take(','));
    }
    --depth_;
    return take(last) && end();
  }

  bool pass_colon() {
    pass_space();
    if (!take(':')) return false;
    pass_space();
    return true;
  }

  bool pass_word(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() || std::memcmp(at_, word.data(), word.size()) != 0)
      return false;
    at_ += word.size();
    return true;
  }

  bool number() {
    const auto* const begin = at_;
    bool is_whole = true;
    if (!pass_number(is_whole)) return false;
    if (!is_whole) return events_.number_float(0, {});
    text_.assign(begin, at_);
    return events_.whole_number(text_);
  }

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  // Of so few digits that each fits where a parser would put it; "-0" is left to others, and so is what has an
  // exponent.
  bool pass_number(bool& is_whole) {
    constexpr std::ptrdiff_t kDigits = 18;
    const bool is_negative = take('-');
    const auto* const begin = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    const auto digits = at_ - begin;
    if (digits == 0 || digits > kDigits || (*begin == '0' && digits > 1)) return false;
    is_whole = !take('.');
    if (is_whole && is_negative && *begin == '0') return false;
    if (!is_whole) {
      const auto* const fraction = at_;
      while (at_ != end_ && is_digit(*at_)) ++at_;
      if (at_ == fraction || at_ - fraction > kDigits) return false;
    }
    return at_ == end_ || (*at_ != 'e' && *at_ != 'E' && *at_ != '.');
  }

  // Up to the next byte that is no plain ASCII of a string.
  void pass_plain() {
    constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = kOnes * 0x80;
    const auto has_zero = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
    for (; end_ - at_ >= 8; at_ += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, at_, 8);
      const bool is_control = ((word - kOnes * 0x20) & ~word & kHighs) != 0;
      if (is_control || (word & kHighs) != 0 || has_zero(word ^ (kOnes * '"')) || has_zero(word ^ (kOnes * '\\')))
        break;
    }
    const auto is_plain = [](unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; };
    while (at_ != end_ && is_plain(static_cast<unsigned char>(*at_))) ++at_;
  }

  bool pass_string() {
    return string_pieces([](std::string_view) {});
  }

  bool string(std::string& text) {
    text.clear();
    return string_pieces([&](std::string_view piece) { text += piece; });
  }

  template <class Piece>
  bool string_pieces(const Piece& piece) {
    if (!take('"')) return false;
    for (;;) {
      const auto* const begin = at_;
      pass_plain();
      while (at_ != end_ && (*at_ & 0x80) != 0) {
        const auto character = analysis::character_at({at_, static_cast<std::size_t>(end_ - at_)});
        if (!character.is_valid) return false;
        at_ += character.bytes;
        pass_plain();
      }
      piece({begin, static_cast<std::size_t>(at_ - begin)});
      if (take('"')) return true;
      if (!take('\\') || at_ == end_) return false;
      constexpr std::string_view kNames = "\"\\/bfnrtu", kMeant = "\"\\/\b\f\n\r\t";
      const auto which = kNames.find(*at_++);
      if (which == std::string_view::npos) return false;
      if (which < kMeant.size()) piece(kMeant.substr(which, 1));
      else if (!pass_code(piece)) return false;
    }
  }

  // Of a character that is no half of a pair.
  template <class Piece>
  bool pass_code(const Piece& piece) {
    if (end_ - at_ < 4) return false;
    const auto bytes = base::from_hex({at_, 4});
    if (!bytes) return false;
    const auto code =
        static_cast<char32_t>(static_cast<unsigned char>((*bytes)[0]) << 8) | static_cast<unsigned char>((*bytes)[1]);
    if (code >= 0xd800 && code < 0xe000) return false;
    std::string character;
    analysis::append_character(character, code);
    piece(character);
    at_ += 4;
    return true;
  }

  const char *at_, *end_;
  Events& events_;
  std::string text_;
  int depth_ = 0, deepest_;
};

}  // namespace cadence::ingest
