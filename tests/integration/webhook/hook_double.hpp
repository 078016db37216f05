// A double of what GitHub and GitLab document about hooks and their deliveries: it sends deliveries, keeps a list of
// its tries, and sends one again when it is asked to, and never by itself. Everything else is as in forge_double.hpp.
#pragma once

#include <functional>

#include "base/clock.hpp"
#include "forge_double.hpp"

namespace cadence::test {

struct Sent {
  std::string id, repository;
  std::string commit = {};
};

class HookDouble final : public ForgeDouble {
 public:
  static constexpr std::int64_t kHook = 77;
  // How a delivery reaches its receiver; what it was answered, 0: nothing.
  using Post = std::function<int(const Sent&)>;
  explicit HookDouble(Post post) : post_(std::move(post)) {}
  ~HookDouble() override { close(); }

  // Sends it, whatever it is answered.
  int deliver(const Sent& sent, const std::string& event = "push");
  // One that is in the list and was never sent.
  void list(const Sent& sent, int status, base::Wall at = base::system_clock().wall());
  void lead_to(const std::string& url, bool is_active = true);
  void forget_hook();
  void send_pages_of(int rows);
  [[nodiscard]] int times_asked(const std::string& id) const;

 protected:
  net::Response answer(const net::RequestHead& head, const std::string& body) override;

 private:
  struct Try {
    std::int64_t id;
    Sent sent;
    std::string event;
    int status;
    base::Wall at;
    bool is_again;
  };
  int try_once(const Sent& sent, const std::string& event, bool is_again);
  net::Response github(const net::RequestHead& head, const std::string& path);
  net::Response gitlab(const net::RequestHead& head, const std::string& path);
  net::Response page(const net::RequestHead& head, bool is_github, const std::string& parameter, int most);
  [[nodiscard]] json::Value row(const Try& one, bool is_github) const;
  net::Response send_again(std::int64_t id, bool is_github);

  Post post_;
  std::string url_ = "https://cadence.example/webhooks/github";
  bool is_active_ = true, has_hook_ = true;
  int rows_ = 100;
  std::vector<Try> tries_;
  std::map<std::string, int> asked_;
};

}  // namespace cadence::test
