// An API server that knows some kinds and not others, as far as watches see it: kinds come and go, objects change.
// Promises: a watch of a kind that is not installed is refused with 404, of a forbidden one with 403; when a kind goes,
// its watches end. Thread-safe. Knows no selectors and no resume points: each watch begins with the whole picture.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "json/value.hpp"
#include "kube/client/client.hpp"
#include "net/transport.hpp"

namespace cadence::kube::control {

class KindsServer final : public net::StreamOpener {
 public:
  void install(const std::string& plural) {
    const std::lock_guard lock(mutex_);
    kinds_[plural];
  }
  void uninstall(const std::string& plural) {
    const std::lock_guard lock(mutex_);
    kinds_.erase(plural);
    ++removals_;
  }
  void forbid(const std::string& plural) {
    const std::lock_guard lock(mutex_);
    forbidden_.insert(plural);
  }
  // Made, or changed.
  void put(const std::string& plural, json::Value object) {
    const std::lock_guard lock(mutex_);
    auto& kind = kinds_[plural];
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    const auto name =
        json::string_at(object, {"metadata", "namespace"}) + "/" + json::string_at(object, {"metadata", "name"});
    kind.events.push_back({{"type", kind.objects.contains(name) ? "MODIFIED" : "ADDED"}, {"object", object}});
    kind.objects[name] = std::move(object);
  }
  int opened(const std::string& plural) {
    const std::lock_guard lock(mutex_);
    return opened_[plural];
  }
  std::string target(const std::string& plural) {
    const std::lock_guard lock(mutex_);
    return targets_[plural];
  }

  base::Result<std::unique_ptr<net::ByteStream>> open(const net::Request& request, std::chrono::milliseconds,
                                                      std::stop_token) override {
    const auto path = request.target.substr(0, request.target.find('?'));
    const auto plural = path.substr(path.rfind('/') + 1);
    const std::lock_guard lock(mutex_);
    ++opened_[plural];
    targets_[plural] = request.target;
    const auto found = kinds_.find(plural);
    const int status = forbidden_.contains(plural) ? 403 : found == kinds_.end() ? 404 : 200;
    auto stream = std::make_unique<Stream>(*this, plural, status);
    if (status == 200) {
      for (const auto& [name, object] : found->second.objects) stream->send("ADDED", object);
      stream->send("BOOKMARK", {{"metadata",
                                 {{"resourceVersion", std::to_string(++version_)},
                                  {"annotations", {{"k8s.io/initial-events-end", "true"}}}}}});
      stream->skip(found->second.events.size());
    }
    return std::unique_ptr<net::ByteStream>(std::move(stream));
  }

 private:
  struct Kind {
    std::map<std::string, json::Value> objects;
    std::vector<json::Value> events;
  };

  class Stream final : public net::ByteStream {
   public:
    Stream(KindsServer& server, std::string plural, int status)
        : server_(server), plural_(std::move(plural)), status_(status), removals_(server.removals_) {}
    [[nodiscard]] int status() const override { return status_; }
    [[nodiscard]] const std::vector<net::Header>& headers() const override { return headers_; }
    void send(const char* type, const json::Value& object) {
      waiting_ += json::dump({{"type", type}, {"object", object}}) + "\n";
    }
    void skip(std::size_t events) { next_ = events; }
    base::Result<std::size_t> read_some(std::span<char> into, std::chrono::milliseconds,
                                        std::stop_token stop) override {
      while (!stop.stop_requested()) {
        if (waiting_.empty() && (status_ != 200 || is_over())) return std::size_t{0};
        if (!waiting_.empty()) {
          const auto count = std::min(waiting_.size(), into.size());
          std::copy_n(waiting_.begin(), count, into.begin());
          waiting_.erase(0, count);
          return count;
        }
        base::wait_for(stop, std::chrono::milliseconds(2));
      }
      return base::Error{base::ErrorKind::Canceled, "stopped"};
    }

   private:
    // Takes what has happened meanwhile; whether the kind is gone.
    bool is_over() {
      const std::lock_guard lock(server_.mutex_);
      const auto kind = server_.kinds_.find(plural_);
      if (kind == server_.kinds_.end() || removals_ != server_.removals_) return true;
      for (; next_ < kind->second.events.size(); ++next_) waiting_ += json::dump(kind->second.events[next_]) + "\n";
      return false;
    }
    KindsServer& server_;
    std::string plural_, waiting_;
    int status_, removals_;
    std::size_t next_ = 0;
    std::vector<net::Header> headers_;
  };

  std::mutex mutex_;
  std::map<std::string, Kind> kinds_;
  std::set<std::string> forbidden_;
  std::map<std::string, int> opened_;
  std::map<std::string, std::string> targets_;
  int removals_ = 0;
  long version_ = 0;
};

// Lists are not asked for where watches begin with the whole picture.
struct NoLists final : net::Transport {
  base::Result<net::Response> send(const net::Request&, std::chrono::milliseconds, std::stop_token) override {
    return net::json_response(500, "{}");
  }
};

inline bool becomes(const std::function<bool()>& condition) {
  for (int i = 0; i < 4000 && !condition(); ++i) base::wait_for({}, std::chrono::milliseconds(5));
  return condition();
}

}  // namespace cadence::kube::control
