// Reads the few members a receiver needs out of a JSON body of any size, without building the document.
// Promises: memory is that of the wanted members, each at most kLongestText; member names match without case, unknown
// ones are ignored, null equals absent, the last duplicate wins; a wrong type or a syntax error names its place. Text
// comes out as UTF-8 without NUL. What is no JSON in UTF-8 is read in the encoding that its Content-Type declares, for
// a moment in three times the memory of the body.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cadence::ingest {

enum class MemberType { Text, Integer, Bool, TextList };

struct Member {
  std::string_view path;  // "repository.clone_url"; "commits[].author.name" for members of list elements
  MemberType type;
};

// Wanted scalars by path; members of list elements are checked and not kept.
using Members = std::map<std::string, std::string, std::less<>>;

constexpr std::size_t kLongestText = 4096;

base::Result<Members> read_members(std::string_view json, std::string_view content_type,
                                   const std::vector<Member>& wanted);

}  // namespace cadence::ingest
