#include "kube/testing/stepped_informer.hpp"

#include <array>

#include "kube/client/watch.hpp"
#include "kube/core/status_error.hpp"

namespace cadence::kube::testing {

using cache::Fetch;
using cache::Next;

bool SteppedInformer::step() {
  const auto fetch = reflector_.next_fetch();
  if (stream_ == nullptr && fetch.how == Fetch::How::List) return list(fetch);
  return (stream_ != nullptr || open()) && read();
}

bool SteppedInformer::list(const Fetch& fetch) {
  const auto found = connections_.lists.list(kind_, {.namespace_ = selection_.namespace_,
                                                     .label_selector = selection_.label_selector,
                                                     .field_selector = selection_.field_selector,
                                                     .resource_version = fetch.resource_version});
  if (!found) return false;
  reflector_.page(*found);
  return true;
}

bool SteppedInformer::open() {
  const auto fetch = reflector_.next_fetch();
  client::WatchOptions options{selection_.namespace_, selection_.label_selector, selection_.field_selector,
                               fetch.resource_version};
  options.has_initial_events = fetch.how == Fetch::How::InitialWatch;
  auto stream = client::open_watch(connections_.streams, *connections_.config, kind_, options);
  if (!stream) return false;
  lines_ = core::LineSplitter();
  if ((*stream)->status() != 200) {
    core::StatusError error;
    error.code = (*stream)->status();
    reflector_.refused(error);
    return false;
  }
  stream_ = std::move(*stream);
  reflector_.opened();
  return true;
}

void SteppedInformer::follow(Next next) {
  if (next != Next::Continue) stream_.reset();
}

bool SteppedInformer::read() {
  std::array<char, 4096> buffer;
  bool has_read = false;
  while (stream_ != nullptr) {
    const auto count = stream_->read_some(buffer, std::chrono::milliseconds(0), {});
    if (!count && count.error().kind == base::ErrorKind::Canceled) break;
    if (!count || *count == 0) {
      follow(reflector_.ended(!count, false));
      stream_.reset();
      return true;
    }
    has_read = true;
    if (!lines_.feed({buffer.data(), *count})) break;
    while (stream_ != nullptr) {
      const auto line = lines_.next();
      if (!line) break;
      if (const auto event = core::parse_watch_event(*line)) follow(reflector_.event(*event));
    }
  }
  return has_read;
}

}  // namespace cadence::kube::testing
