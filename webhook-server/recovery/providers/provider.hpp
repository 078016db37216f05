// What a provider's API says of hooks and of their deliveries, as a value: what requests to it look like, what its
// answers mean, and how long it keeps what. Promises of every provider: functions of their arguments only; a name of
// the configuration goes into a path encoded; of an answer only what is documented counts, anything else is an error.
// One that is new gets a file here and a line in provider.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "feedback/forge.hpp"
#include "json/value.hpp"
#include "net/http.hpp"
#include "recovery/gaps.hpp"

namespace cadence::recovery {

// Whose hooks.
struct Place {
  enum class Kind { Repository, Owner, App };
  Kind kind = Kind::Repository;
  std::string name;  // owner/name, owner, or the App's id
};
// "owner/name" or "owner/*".
Place place_of(const std::string& pattern);

struct Hook {
  std::int64_t id = 0;  // 0: the one of an App
  std::string url;
  bool sends_pushes = true;
  std::string asleep{};  // why nothing is sent by it; empty: it is awake
};

// Of a list, which begins with the newest try.
struct Page {
  std::vector<Attempt> rows;
  std::string cursor;  // of what comes after it; empty: nothing does
};

struct Provider {
  std::string_view name;
  const feedback::Forge& (*forge)() = nullptr;  // where its API is, and how a token is shown
  Rules rules;
  std::chrono::milliseconds ask_every{1000};  // what its limits bear
  std::size_t largest_answer = 2U << 20U;
  net::Request (*ask_for_hooks)(const Place& place) = nullptr;
  net::Request (*ask_for_page)(const Place& place, std::int64_t hook, const std::string& cursor) = nullptr;
  // Of one try what its page does not say; null: its page says all.
  net::Request (*ask_for_try)(const Place& place, std::int64_t hook, std::int64_t attempt) = nullptr;
  net::Request (*ask_again)(const Place& place, std::int64_t hook, std::int64_t attempt) = nullptr;
  base::Result<std::vector<Hook>> (*read_hooks)(const json::Value& body) = nullptr;
  base::Result<Page> (*read_page)(const json::Value& body, const std::vector<net::Header>& headers) = nullptr;
  std::string (*read_repository)(const json::Value& body) = nullptr;  // of a try
  // What a token must be allowed to do.
  std::string (*rights)(const Place& place) = nullptr;
};

const std::vector<const Provider*>& all_providers();
const Provider* provider_named(std::string_view name);  // null: there is none

// Whether a hook leads to us: to `ours` or below it, or, where that is empty, to where our routes end.
bool leads_to(const Provider& provider, std::string_view url, std::string_view ours);

// The parameter of the next page in a Link header (RFC 8288); empty: there is none, or it is none that is sound.
std::string next_cursor(const std::vector<net::Header>& headers, std::string_view parameter);

// Each of a list of hooks that has a number.
base::Result<std::vector<Hook>> hooks_in(const json::Value& body, Hook (*hook_of)(const json::Value&));

const Provider& github();
const Provider& gitlab();

}  // namespace cadence::recovery
