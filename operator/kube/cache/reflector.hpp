// List, watch, resume, relist: the heart of a cache as an explicit state machine. Pure: no network, no thread, no
// clock. Promises: `Sink` sees begin(), add()*, commit() for each whole picture, and put() or drop() in between;
// nothing of a failed attempt is carried over; the resume point never advances while the events of an initial stream
// arrive, because those come in no order; only of a custom kind it is believed that it is gone, after several refusals
// in a row. Source: KEP-3157 (streaming lists), KEP-956 (bookmarks); behaviours as in
// client-go's reflector.
#pragma once

#include <string>

#include "kube/core/status_error.hpp"
#include "kube/core/watch_event.hpp"

namespace cadence::kube::cache {

// How a watch stands with the API server, as far as its answers say.
enum class Standing {
  Unasked,       // no answer that says it
  Served,        // it lists and watches
  NotInstalled,  // the API server knows no such kind
  Forbidden,     // it is not for us to see
};

class Sink {
 public:
  virtual ~Sink() = default;
  virtual void begin() = 0;                         // a new picture starts; the old one stays visible
  virtual void add(const json::Value& object) = 0;  // into the new picture
  // the new picture replaces the old; what it lacks is deleted
  virtual void commit(const std::string& resource_version) = 0;
  virtual void put(const json::Value& object) = 0;
  virtual void drop(const json::Value& object) = 0;
  virtual void seen(const std::string& resource_version) = 0;  // how fresh the cache is, from events and bookmarks
  virtual void vanish() = 0;  // the kind is installed no more, and its objects went with it: there is no picture now
  virtual void stands(Standing standing) = 0;  // it has changed
};

// What to ask the server next.
struct Fetch {
  enum class How { InitialWatch, List, Watch };
  How how = How::InitialWatch;
  std::string resource_version;
  std::string continue_token;
};

// What the runner does after an answer.
enum class Next {
  Continue,  // read on, or send the next fetch at once
  Reopen,    // close the stream and send the next fetch at once
  BackOff,   // close the stream and wait first
};

class Reflector {
 public:
  enum class State { Empty, InitialWatch, InitPage, Listed, Watching };

  // `is_custom`: a definition makes the kind known to the server, and may be deleted while we watch.
  explicit Reflector(Sink& sink, bool is_custom = false) : sink_(sink), is_custom_(is_custom) {}

  [[nodiscard]] Fetch next_fetch() const;
  [[nodiscard]] State state() const { return state_; }
  [[nodiscard]] const std::string& resource_version() const { return version_; }

  [[nodiscard]] Standing standing() const { return standing_; }

  void opened();  // a watch was answered with 200
  Next event(const core::WatchEvent& event);
  Next page(const json::Value& list);
  Next refused(const core::StatusError& error);
  // The stream ended or broke. `was_fruitless`: within a second of opening and without an event.
  Next ended(bool was_broken, bool was_fruitless);

 private:
  void restart(std::string list_version);
  Next initial_event(const core::WatchEvent& event);
  Next initial_refused(const core::StatusError& error);
  void commit();
  void stand(Standing standing);

  Sink& sink_;
  const bool is_custom_;
  State state_ = State::Empty;
  bool has_streaming_lists_ = true;  // until the server refuses
  std::string version_;              // resume point
  std::string list_version_ = "0";   // "0": from the server's cache; empty: a quorum read
  std::string continue_token_;
  Standing standing_ = Standing::Unasked;
  bool has_picture_ = false;  // the sink shows one
  int internal_errors_ = 0, failed_lists_ = 0, unfinished_streams_ = 0, unknown_kinds_ = 0;
};

}  // namespace cadence::kube::cache
