#include "kube/testing/connection.hpp"

#include "kube/testing/watch_stream.hpp"

namespace cadence::kube::testing {
namespace {

base::Error lost() { return {base::ErrorKind::Transient, "the connection broke: the outcome is unknown"}; }

class Way final : public net::Transport {
 public:
  explicit Way(std::shared_ptr<Connection::State> state) : state_(std::move(state)) {}

  base::Result<net::Response> send(const net::Request& request, std::chrono::milliseconds,
                                   std::stop_token stop) override {
    if (stop.stop_requested()) return base::Error{base::ErrorKind::Canceled, "stopped"};
    if (state_->is_dead) return lost();
    if (request.method == "GET") return state_->server.answer(request);
    const WriteSeen seen{++state_->writes, request.method, request.target};
    const auto fate = state_->options.fate ? state_->options.fate(seen) : Fate{};
    switch (fate.kind) {
      case Fate::Kind::Done:
        return state_->server.answer(request);
      case Fate::Kind::Refused:
        return fate.refusal;
      case Fate::Kind::RequestLost:
        return lost();
      case Fate::Kind::ReplyLost:
        state_->server.answer(request);
        return lost();
      case Fate::Kind::CrashAfter:
        state_->server.answer(request);
        state_->is_dead = true;
        return lost();
    }
    return lost();
  }

 private:
  std::shared_ptr<Connection::State> state_;
};

class Opener final : public net::StreamOpener {
 public:
  explicit Opener(std::shared_ptr<Connection::State> state) : state_(std::move(state)) {}

  base::Result<std::unique_ptr<net::ByteStream>> open(const net::Request& request, std::chrono::milliseconds,
                                                      std::stop_token) override {
    if (state_->is_dead) return lost();
    return std::unique_ptr<net::ByteStream>(std::make_unique<WatchStream>(state_, request));
  }

 private:
  std::shared_ptr<Connection::State> state_;
};

}  // namespace

Connection::Connection(ApiServer& server, Options options)
    : state_(std::make_shared<State>(server, std::move(options))) {}
Connection::~Connection() { crash(); }

std::unique_ptr<net::Transport> Connection::transport() { return std::make_unique<Way>(state_); }
std::unique_ptr<net::StreamOpener> Connection::streams() { return std::make_unique<Opener>(state_); }

int Connection::writes() const { return state_->writes; }
bool Connection::is_dead() const { return state_->is_dead; }
void Connection::crash() { state_->is_dead = true; }
void Connection::cut_streams() { ++state_->cuts; }
void Connection::bookmark() { ++state_->bookmarks; }

}  // namespace cadence::kube::testing
