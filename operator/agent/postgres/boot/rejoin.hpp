// How data comes to be a part of the present primary's: copied, or compared and rewound. Promises: a copy is removed
// only when another can be had and was proven to be, one standby at a time and never the last; a connection that does
// not come about says nothing about the data; three rewinds that fail end in a copy.
#pragma once

#include "agent/postgres/status/display.hpp"
#include "postgres/rules/replacement.hpp"

namespace cadence::agent::postgres {

class Rejoin {
 public:
  // `tick`: while a program works on the data.
  Rejoin(const World& world, Situation& situation, Display& display, Tick tick);

  base::Result<void> clone(const rules::Clone& decision);
  base::Result<void> rewind(const std::string& primary);

 private:
  base::Result<void> may_replace(const std::string& primary);
  rules::ReplacementJudgement judge(const std::string& primary, bool must_remove_first);

  const World& world_;
  Situation& situation_;
  Display& display_;
  Tick tick_;
};

}  // namespace cadence::agent::postgres
