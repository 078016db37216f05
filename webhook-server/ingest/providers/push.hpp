// What pushes have in common, whoever tells of them: references, branches, the form that some send JSON in, and the
// shape that GitHub gave them and others took over. Pure.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "ingest/payload.hpp"
#include "ingest/providers/provider.hpp"

namespace cadence::ingest {

// The first of these members that is there and not empty.
std::string first_of(const Members& members, std::initializer_list<std::string_view> paths);

// The first of these members of a body that tells its event itself: other events may have anything below the names that
// a push has, and are no errors.
base::Result<std::string> event_in(std::string_view content_type, std::string_view body,
                                   std::initializer_list<std::string_view> paths);

// One reference that moved.
struct Moved {
  std::string ref, after;
  bool is_deleted = false;
};

// Why it is nothing to analyse; nothing when it is.
std::optional<Ignored> ignored_ref(const Moved& moved);

// "trunk" of "refs/heads/trunk"; what is no branch stays as it is.
std::string branch_of(std::string_view ref);

// A job of `repository` for each branch that moved; where there is none, why the delivery is ignored. A delivery that
// names no reference at all is a push of the default branch.
Event event_of(const queue::JobSpec& repository, const std::vector<Moved>& moved, std::string id = {});

// application/x-www-form-urlencoded, and no plain JSON under that type, which curl sends by default.
bool is_form(std::string_view content_type, std::string_view body);
// The form's field `payload`, decoded.
base::Result<std::string> form_payload(std::string_view body);

// GitHub's push, as JSON or in a form; its job is of this type.
base::Result<Event> read_common_push(std::string_view content_type, std::string_view body, const char* event_type);

// The same in two steps, for senders that put it below another member.
const std::vector<Member>& common_push_members();
Event common_push(const Members& members, const char* event_type);

}  // namespace cadence::ingest
