// Why PostgreSQL refuses, in words that may leave this process. Pure.
// Promises: one line of printable text, at most queue::kLongestTrouble bytes; never an address, a login, a password or
// a value of a row: of an error only the primary message is kept, and that only where it names objects and states; of a
// refused session nothing that stands in quotes; of what libpq says itself nothing at all. The same cause gives the
// same words in each replica.
#pragma once

#include <string>
#include <string_view>

#include "queue/store.hpp"

namespace cadence::store {

// `text` as libpq or libpqxx gives it; without a SQLSTATE it is about a session that could not be opened, or broke.
queue::Trouble trouble_of(const std::string& sqlstate, std::string_view text);

}  // namespace cadence::store
