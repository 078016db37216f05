// The body of a watch as the server writes it: events of what is selected, bookmarks, and the end. For connection.cpp.
// Promises: an object that begins or ceases to be selected is added or deleted; after the initial events comes the
// bookmark that says so.
#pragma once

#include "kube/testing/connection.hpp"

namespace cadence::kube::testing {

struct Connection::State {
  State(ApiServer& at, Options with) : server(at), options(std::move(with)) {}
  ApiServer& server;
  const Options options;
  std::atomic<int> writes{0}, cuts{0}, bookmarks{0};
  std::atomic<bool> is_dead{false};
};

class WatchStream final : public net::ByteStream {
 public:
  WatchStream(std::shared_ptr<Connection::State> state, const net::Request& request);

  [[nodiscard]] int status() const override { return status_; }
  [[nodiscard]] const std::vector<net::Header>& headers() const override { return headers_; }
  base::Result<std::size_t> read_some(std::span<char> into, std::chrono::milliseconds idle,
                                      std::stop_token stop) override;

 private:
  void refuse(const net::Response& answer);
  void begin(const std::string& target);
  bool fill();  // one event more; false: there is none to show
  void add_event(const char* type, const json::Value& object);
  void add_bookmark(bool is_first);
  [[nodiscard]] bool concerns(const Change& change) const;

  std::shared_ptr<Connection::State> state_;
  Route route_;
  Selectors selectors_;
  std::uint64_t version_ = 0;  // shown up to here
  bool wants_bookmarks_ = false, is_over_ = false;
  int cuts_ = 0, bookmarks_ = 0;
  int status_ = 200;
  std::vector<net::Header> headers_;
  std::string bytes_;
};

}  // namespace cadence::kube::testing
