// A real HAProxy on loopback, running our configuration with its paths and ports moved into a folder of the test's own.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "folder.hpp"

namespace cadence::resources {

class HaproxyProcess {
 public:
  // `configuration` as rendered; `backend_port` takes slot 1 when not 0.
  explicit HaproxyProcess(const std::string& configuration, int backend_port = 0);
  ~HaproxyProcess();
  HaproxyProcess(const HaproxyProcess&) = delete;
  HaproxyProcess& operator=(const HaproxyProcess&) = delete;

  // What `haproxy -c` says; empty when it is content and warns of nothing.
  [[nodiscard]] std::string complaints() const;
  // Starts it and waits until it takes connections; false after ten seconds.
  bool start();

  // The whole answer to these bytes, read until the other side closes or five seconds have passed.
  [[nodiscard]] std::string ask(int port, const std::string& bytes) const;
  [[nodiscard]] int http_port() const { return http_port_; }
  [[nodiscard]] int https_port() const { return https_port_; }
  [[nodiscard]] int stats_port() const { return stats_port_; }

 private:
  test::Folder place_;
  std::string folder_ = place_.path();
  int http_port_ = 0, https_port_ = 0, stats_port_ = 0;
  pid_t pid_ = -1;
};

}  // namespace cadence::resources
