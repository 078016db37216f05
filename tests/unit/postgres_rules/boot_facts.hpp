// What a boot may meet, for the tests that decide by it.
#pragma once

#include <string>

#include "postgres/rules/boot.hpp"

namespace cadence::postgres {

using State = DataDirectory::State;

inline DataDirectory database(bool is_standby, std::string identifier = "77", int version = 15,
                              std::int64_t timeline = 1) {
  DataDirectory out;
  out.state = State::Database;
  out.major_version = version;
  out.system_identifier = std::move(identifier);
  out.timeline = timeline;
  out.is_standby = is_standby;
  return out;
}

inline LeaseView lease(std::string holder, std::string identifier = "77", std::string uid = "pod-1",
                       std::int64_t timeline = 1) {
  LeaseView out;
  out.is_present = true;
  out.holder = std::move(holder);
  out.holder_uid = out.holder.empty() ? "" : std::move(uid);
  out.system_identifier = std::move(identifier);
  out.timeline = timeline;
  return out;
}

inline BootFacts facts(DataDirectory data, LeaseView view, bool may_initialize = true) {
  return {"db-1", "pod-1", may_initialize, 15, std::move(data), std::move(view)};
}

}  // namespace cadence::postgres
