// Asks a model over the chat completions protocol (POST BASE/chat/completions) what it thinks of a result. Promises:
// bounded in time, bytes, tokens and findings asked about; only addresses that the rules for fetching allow; sends
// messages, counts and reasons, no authors and no paths, and code only where a finding has some, all without what looks
// like a secret or names somebody (mask.hpp); a failure is an Opinion with a problem, never an error; the key is in no
// text that comes back. The answer has to be the JSON that was asked for.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "opinion/opinion.hpp"
#include "opinion/options.hpp"

namespace cadence::opinion {

// One finding that the model is shown; `id` is a commit's hash or a pattern's name.
struct Finding {
  std::string id, text;
  std::string severity;
  std::vector<std::string> reasons;
  std::string code;  // that the commit added; empty unless the user lets code out (include_code)
};

struct Question {
  std::string subject;            // "a git history" or "a web page"
  json::Value figures;            // counts only
  std::vector<Finding> findings;  // the weightiest first; those beyond max_commits are left out
};

// The body of a request, at most 64 KiB, and how many of the findings, from the first on, had room in it.
struct RequestBody {
  std::string text;
  std::size_t findings = 0;
};
RequestBody request_body(const Question& question, const Options& options);
// Strict: unknown ids, missing members and values out of range are refused.
base::Result<Opinion> read_answer(const std::string& body, const Question& question, const Options& options);

Opinion ask(const Question& question, const Options& options, std::stop_token stop);

}  // namespace cadence::opinion
