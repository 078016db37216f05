// One process's way to the simulated server: a Transport and a StreamOpener, and all that can go wrong between.
// Promises: each write is asked about before it is done, with its number; what is lost, refused or cut happens at that
// write and at no other; after a crash nothing comes through any more. Watches show an event when `may_show` lets it
// pass, in order; a stream that has nothing to show answers Canceled at once, or waits when it is told to (threads).
// Lives as long as what it made.
#pragma once

#include <atomic>
#include <memory>

#include "kube/testing/api_server.hpp"
#include "net/transport.hpp"

namespace cadence::kube::testing {

// What becomes of one write.
struct Fate {
  enum class Kind {
    Done,
    ReplyLost,    // it is done, and nobody hears of it
    RequestLost,  // it never arrives
    Refused,      // with `refusal`
    CrashAfter,   // it is done, and the process with it
  };
  Kind kind = Kind::Done;
  net::Response refusal{};
};

struct WriteSeen {
  int number = 0;  // from 1
  std::string method, target;
};

// An event on its way to a watch.
struct Delivery {
  std::uint64_t version = 0;
  std::string plural;
};

class Connection {
 public:
  struct Options {
    std::function<auto(const WriteSeen&)->Fate> fate{};  // empty: all is done
    std::function<bool(const Delivery&)> may_show{};     // empty: everything at once
    bool waits = false;                                  // reading a stream blocks until there is something
  };

  Connection(ApiServer& server, Options options);
  ~Connection();

  std::unique_ptr<net::Transport> transport();
  std::unique_ptr<net::StreamOpener> streams();

  [[nodiscard]] int writes() const;
  [[nodiscard]] bool is_dead() const;
  void crash();        // nothing passes from now on
  void cut_streams();  // every open watch breaks
  void bookmark();     // every open watch gets one, where it was asked for

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace cadence::kube::testing
