// The parts of the HTML report. Promises: every text goes through escape(), so that nothing of a stranger's is markup;
// no part refers to anything outside the page.
#pragma once

#include <string>
#include <string_view>

#include "report/report.hpp"

namespace cadence::report {

// Visible text (see visible.hpp) with &, <, >, " and ' as references.
std::string escape(std::string_view text);

// The commits by time and size: one dot for all unflagged commits of a cell, one for each of the weightiest flagged
// ones.
std::string size_plot(const analysis::git::AnalysisResult& found, std::size_t rows);
// Columns of all and of flagged commits over time.
std::string activity_plot(const analysis::git::AnalysisResult& found);
// How often each strategy fired.
std::string strategy_plot(const analysis::git::AnalysisResult& found);
// A half circle with the share that is suspicious, 0-100.
std::string dial(double share);

std::string git_body(const Report& report, const Verdict& verdict, std::size_t rows);
std::string web_body(const Report& report, const Verdict& verdict);
std::string opinion_section(const opinion::Opinion& opinion);

// The page's only style sheet and script, and their hashes as its policy names them.
extern const std::string_view kStyle, kStyleHash, kScript, kScriptHash;

}  // namespace cadence::report
