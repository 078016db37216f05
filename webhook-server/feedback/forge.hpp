// A provider's API for statuses as a value: where it begins, what a request to it looks like, how a token is shown.
// Promises of every forge: functions of their arguments only; what a sender named goes into a path encoded, segment by
// segment, and never changes where the request goes. One that is new gets a file in forges/ and a line in forge.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "feedback/status.hpp"
#include "net/http.hpp"

namespace cadence::feedback {

struct Forge {
  std::string_view name;           // of webhook.feedback[].provider, the same as the sender's
  std::string_view event_type;     // of its pushes
  std::string_view api_url = {};   // everybody's; empty: each installation has its own
  std::string_view api_path = {};  // where the API of an installation begins; put behind a URL that lacks it
  bool is_nested = false;          // repositories may have more than two segments
  std::size_t longest_url = 2000;  // of a status
  // The status as its documentation wants it; the target begins behind the API's URL.
  net::Request (*say)(const Status& status) = nullptr;
  net::Header (*show)(const std::string& token) = nullptr;
  // The page of the commit, where a status must have a URL and the job has none that fits.
  std::string (*commit_page)(std::string_view api_url, const Status& status) = nullptr;
  bool has_answer = true;  // an answer to what it took has a JSON object
};

const std::vector<const Forge*>& all_forges();
const Forge* forge_named(std::string_view name);  // null: there is none
const Forge* forge_of_event(std::string_view event_type);

// What can be told at all: a full hash of a commit in a repository whose name leads nowhere else.
bool is_tellable(const Forge& forge, const queue::JobSpec& spec);

// Pieces of requests.
std::string path_of_segments(std::string_view full_name);  // "a/b", each segment encoded
net::Request json_post(std::string target, std::string body);
std::string clipped_text(std::string_view text, std::size_t most_characters);

}  // namespace cadence::feedback
