// An informer without a thread: the reflector and the store of production over a connection to the simulated server,
// moved on by hand. Promises: a step opens what has to be opened and reads what is there to read, never waits, and ends
// when nothing is left; back-off is skipped: the next step tries again.
#pragma once

#include <memory>

#include "kube/cache/informer.hpp"
#include "kube/cache/reflector.hpp"
#include "kube/core/watch_event.hpp"

namespace cadence::kube::testing {

class SteppedInformer {
 public:
  SteppedInformer(const core::KindInfo& kind, cache::Selection selection, cache::Connections connections,
                  cache::Sink& sink)
      : kind_(kind),
        selection_(std::move(selection)),
        connections_(std::move(connections)),
        reflector_(sink, selection_.is_custom) {}

  // True when anything was read.
  bool step();

 private:
  bool open();
  bool list(const cache::Fetch& fetch);
  bool read();
  void follow(cache::Next next);

  const core::KindInfo& kind_;
  cache::Selection selection_;
  cache::Connections connections_;
  cache::Reflector reflector_;
  std::unique_ptr<net::ByteStream> stream_;
  core::LineSplitter lines_;
};

}  // namespace cadence::kube::testing
