// What a server says of its page: the first line is a Content-Type, the second a Location, the rest a body, packed or
// not.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "analysis/source/web/charset.hpp"
#include "analysis/source/web/inflate.hpp"
#include "analysis/source/guard/page_url.hpp"
#include "analysis/text/unicode.hpp"

namespace {

using namespace cadence::analysis;

constexpr std::size_t kMost = 64 * 1024;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

std::string_view take_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

void check_url(const source::PageUrl& url) {
  require(url.target.starts_with('/'), "a target begins with /");
  for (const char c : url.target) require(c > ' ' && c < 0x7f && c != '#', "a target can be sent");
  const auto again = source::parse_page_url(url.text());
  // A followed address may be longer than one that is asked for.
  if (url.text().size() <= 2048) require(again.is_ok() && *again == url, "an address reads as it was written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const auto type = source::parse_content_type(take_line(rest));
  const std::string_view location = take_line(rest);
  if (const auto url = source::parse_page_url(location)) check_url(*url);
  if (const auto next = source::follow(*source::parse_page_url("https://mill.example/a/b?c"), location))
    check_url(*next);

  const auto text = source::to_utf8(std::string(rest), type, kMost);
  if (text) require(valid_utf8(*text) == *text, "the text is UTF-8");

  source::Inflater inflater(kMost);
  auto state = source::Inflater::State::NeedsMore;
  while (!rest.empty() && (state == source::Inflater::State::NeedsMore || state == source::Inflater::State::Done)) {
    const std::size_t piece = std::min<std::size_t>(rest.size(), 100);
    state = inflater.add(rest.substr(0, piece));
    rest.remove_prefix(piece);
  }
  require(inflater.take().size() <= kMost, "the unpacked body is bounded");
  return 0;
}
