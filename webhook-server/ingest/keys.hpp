// What a delivery is known by. Pure.
#pragma once

#include <string>
#include <string_view>

namespace cadence::ingest {

// Both keys hold within one provider, one scope of secrets and one repository, so that whoever learns an id, and has a
// secret for something else, cannot send it first. Without an id the body is the key.
struct Keys {
  std::string delivery, body;  // 16 bytes; `body` is empty when it is the key or is not to be remembered
};

struct Identity {
  std::string_view provider = {}, scope = {}, repository = {};
  std::string_view id = {};    // empty: none
  std::string_view part = {};  // of a delivery that asks for several jobs; empty: the whole
  bool remembers_body = true;
  std::string_view digest = {};  // instead of the body's
};

Keys keys_of(const Identity& identity, std::string_view body);

}  // namespace cadence::ingest
