// What pushes have in common, whoever tells of them: references, branches, and the form that some send JSON in. Pure.
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

// Why a reference that moved is nothing to analyse; nothing when it is.
std::optional<Ignored> ignored_ref(std::string_view ref, std::string_view after, bool is_deleted);

// "trunk" of "refs/heads/trunk"; what is no branch stays as it is.
std::string branch_of(std::string_view ref);

// application/x-www-form-urlencoded, and no plain JSON under that type, which curl sends by default.
bool is_form(std::string_view content_type, std::string_view body);
// The form's field `payload`, decoded.
base::Result<std::string> form_payload(std::string_view body);

}  // namespace cadence::ingest
