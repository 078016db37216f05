// A job in words: what it is called, how it stands, what became of it.
#pragma once

#include <optional>
#include <string>

#include "pages/markup.hpp"
#include "queue/job.hpp"

namespace cadence::pages {

constexpr std::size_t kNameColumns = 120;

// The repository as its sender names it, else the URL without its login.
std::string name_of(const queue::JobSpec& spec);
// By which name the jobs of the same repository are found; empty where there is none.
std::string history_key(const queue::JobSpec& spec);
std::string origin_of(const std::string& event_type);  // "push to GitHub", "asked for"

std::string state_word(queue::JobStatus status);  // "waiting", "running", "completed", "failed"
Markup state_badge(queue::JobStatus status);

// What went wrong, and what one may do about it: of the job's error, which is a sentence already.
struct Trouble {
  std::string title, advice;
};
Trouble trouble_of(const std::string& error);

// Of a finished job's summary.
struct Verdict {
  std::optional<double> share;  // per cent
  std::optional<std::int64_t> flagged;
  std::string assessment;
};
Verdict verdict_of(const queue::Job& job);
const char* level_of(double share);  // "low", "medium", "high", as reports draw it
// The share as a number and a bar.
Markup verdict_words(const queue::Job& job);

Markup moment(base::Wall time);
std::int64_t seconds_of(base::Wall time);

}  // namespace cadence::pages
