// A piece of a delivery's way that took its time, and the port that takes such pieces. Values only; who makes one knows
// nothing of where it goes.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "trace/context.hpp"

namespace cadence::trace {

enum class Kind { Internal = 1, Server = 2, Client = 3, Producer = 4, Consumer = 5 };  // as OTLP numbers them

using Attribute = std::pair<std::string, std::variant<std::string, std::int64_t>>;

struct Span {
  Context self;
  std::string parent_id;  // empty: the first of its trace
  std::string name;
  Kind kind = Kind::Internal;
  base::Wall begun{}, ended{};
  std::string error{};  // in one sentence; empty: all went well
  std::vector<Attribute> attributes{};
};

// Any thread. Promises: add() never waits; what there is no room for is dropped and counted.
class Spans {
 public:
  virtual ~Spans() = default;
  virtual void add(Span span) = 0;
  // Of traces that begin here: how many of them are sampled, 0 to 1.
  [[nodiscard]] virtual double ratio() const = 0;
};

}  // namespace cadence::trace
