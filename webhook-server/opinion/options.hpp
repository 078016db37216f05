// What a user can choose about the second opinion; off unless enabled. Holds a key: never print it whole. Knows no file
// format.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cadence::opinion {

struct Options {
  bool is_enabled = false;
  std::string provider = "openai";  // the protocol: openai, or anything that speaks it
  std::string base_url = "https://api.openai.com/v1";
  std::string model;
  std::string api_key;  // or from the file, read when asking; may be empty for servers that want none
  std::string api_key_file;
  std::int64_t timeout_seconds = 30;
  std::int64_t max_commits = 20;   // or findings of a page
  bool include_code = false;       // show the model what a commit added
  std::int64_t max_tokens = 1500;  // of the answer
  // Who may stand behind base_url, as for repositories.
  bool allow_private_networks = false;
  std::vector<std::string> allowed_hosts;
};

}  // namespace cadence::opinion
