// A proven delivery's place in its trace: the sender's trace goes on, and where spans are exported one begins for who
// sent none. Promises: nothing of it is looked at before the proof holds; a header that is wrong, or there twice, is
// none; where nothing is exported it costs a look for a header. Knows neither stores nor collectors.
#pragma once

#include <string>
#include <string_view>

#include "net/server.hpp"
#include "trace/origin.hpp"
#include "trace/span.hpp"

namespace cadence::ingest {

class Arrival {
 public:
  // `id`: the sender's of the delivery. `spans`: null where none are exported.
  Arrival(const net::RequestHead& head, std::string_view id, trace::Spans* spans, base::Wall begun);

  // What the job carries of it.
  [[nodiscard]] const std::string& origin() const { return origin_; }
  // The same client; its answer ends spans "accept", and "store", which begins now.
  [[nodiscard]] net::Responder recorded(const net::Responder& respond, std::string_view sender) const;

 private:
  trace::Spans* spans_;
  base::Wall begun_;
  trace::Context self_;
  std::string parent_id_, delivery_, origin_;
};

}  // namespace cadence::ingest
