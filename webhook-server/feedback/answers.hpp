// What a provider's answer means for the status that was told. Pure.
// Promises: only what is documented counts as taken; a rate limit is told from missing rights, and its end is when the
// provider says, within bounds, whatever nonsense it says; a reason names the number and the provider's own sentence,
// cut, on one line, and without the token.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "feedback/forge.hpp"

namespace cadence::feedback {

struct Answer {
  enum class Kind { Taken, Later, Never };
  Kind kind = Kind::Later;
  std::string reason{};                        // why it was not taken
  std::optional<std::chrono::seconds> wait{};  // as the provider asks; nothing: as we see fit
  bool is_for_all = false;                     // whatever else is told to this account waits as well
  std::string remote{};                        // of what was taken: the provider's id
};

inline constexpr std::chrono::seconds kLongestWait{7200};  // GitHub's limits are renewed each hour

// How long the provider asks to be left alone, within bounds; nothing: it does not say.
std::optional<std::chrono::seconds> wait_asked_for(const net::Response& response, base::Wall now);

Answer answer_of(const Forge& forge, const net::Response& response, std::string_view token, base::Wall now);

}  // namespace cadence::feedback
