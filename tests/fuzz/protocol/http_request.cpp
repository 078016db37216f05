// The one target that needs the header of Beast's parser (see CMakeLists.txt).
#include "net/request_parser.hpp"

#include <string>

#include "pieces.hpp"
#include "targets.hpp"

namespace cadence::fuzz {
namespace {

struct ReadRequest {
  bool is_whole = false;
  std::string text;  // of the head, and the body
};

ReadRequest read_request(const std::vector<std::string_view>& pieces) {
  using State = net::RequestParser::State;
  std::string body, waiting;
  net::RequestParser parser(2048, [&](std::string_view piece) {
    body += piece;
    return body.size() < 4096;
  });
  for (const auto piece : pieces) {
    waiting += piece;
    for (auto state = State::HeadDone; state == State::HeadDone;) {
      std::size_t used = 0;
      state = parser.feed(waiting, used);
      require(used <= waiting.size(), "no more is used than there was");
      waiting.erase(0, used);
      if (state == State::NeedMore || state == State::HeadDone) continue;
      if (state != State::Done) return {};
      ReadRequest read{true, parser.head().method + " " + parser.head().target + "\n"};
      for (const auto& header : parser.head().headers) read.text += header.name + ": " + header.value + "\n";
      read.text += "\n" + body;
      return read;
    }
  }
  return {};
}

}  // namespace

void http_request(std::string_view input) {
  input = input.substr(0, 8000);
  const auto step = take_step(input);
  const auto whole = read_request({input});
  const auto parts = read_request(pieces_of(input, step));
  require(whole.is_whole == parts.is_whole && whole.text == parts.text,
          "a request is the same in one piece and in many");
}

}  // namespace cadence::fuzz
