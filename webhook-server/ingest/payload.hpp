// Reads the few members a receiver needs out of a JSON body of any size, without building the document.
// Promises: memory is that of the wanted members, each at most kLongestText, and of a list's first kMostListed
// elements; member names match without case, unknown ones are ignored, null equals absent, the last duplicate wins; a
// wrong type or a syntax error names its place. Text comes out as UTF-8 without NUL. What is no JSON in UTF-8 is read
// in the encoding that its Content-Type declares, for a moment in three times the memory of the body.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::ingest {

enum class MemberType { Text, Integer, Bool, TextList };

struct Member {
  std::string_view path;  // in lower case: "repository.clone_url"; "commits[].author.name" of list elements
  MemberType type;
  bool is_kept = true;  // of list elements: each under its place, as "commits[3].author.name"
};

// Wanted scalars by path.
using Members = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kMostListed = 100;

// JSON, by what Content-Type says; true as well where it says nothing.
bool is_json(std::string_view content_type);

base::Result<Members> read_members(std::string_view json, std::string_view content_type,
                                   const std::vector<Member>& wanted);

}  // namespace cadence::ingest
