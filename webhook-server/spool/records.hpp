// Deliveries as the bytes of a file, and back. Pure. Promises: what was written is read as it was; whatever was cut or
// changed is noticed, and what stands before it is read all the same; fields that a later version adds are passed over.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "queue/job.hpp"

namespace cadence::spool {

inline constexpr std::string_view kFirstLine = "cadence spool 1\n";

std::string record_of(const queue::Delivery& delivery);

struct Records {
  std::vector<queue::Delivery> deliveries;
  std::string damage;  // empty: they are all
};

// `count`: how many there must be.
Records read_records(std::string_view file, std::size_t count);

}  // namespace cadence::spool
