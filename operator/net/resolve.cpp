#include "net/resolve.hpp"

#include <netdb.h>

#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <thread>

#include "net/names.hpp"

namespace cadence::net {

namespace {

struct Lookup {
  std::mutex mutex;
  std::condition_variable_any changed;
  bool is_done = false;
  int failure = 0;
  std::vector<tcp::endpoint> found;
};

void look_up(const std::shared_ptr<Lookup>& lookup, const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int failure = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  const std::lock_guard lock(lookup->mutex);
  lookup->failure = failure;
  for (const auto* at = failure == 0 ? list : nullptr; at != nullptr; at = at->ai_next) {
    tcp::endpoint endpoint;
    if (at->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), at->ai_addr, at->ai_addrlen);
    endpoint.resize(at->ai_addrlen);
    endpoint.port(port);
    lookup->found.push_back(endpoint);
  }
  if (list != nullptr) freeaddrinfo(list);
  lookup->is_done = true;
  lookup->changed.notify_all();
}

}  // namespace

base::Result<std::vector<tcp::endpoint>> resolve(const std::string& host, std::uint16_t port, base::Monotonic deadline,
                                                 std::stop_token stop) {
  error_code not_literal;
  const auto literal = asio::ip::make_address(host, not_literal);
  if (!not_literal) return std::vector<tcp::endpoint>{{literal, port}};
  const auto lookup = std::make_shared<Lookup>();
  std::thread([lookup, host, port] { look_up(lookup, host, port); }).detach();
  std::unique_lock lock(lookup->mutex);
  if (!lookup->changed.wait_until(lock, stop, deadline, [&] { return lookup->is_done; })) {
    if (stop.stop_requested()) return base::Error{base::ErrorKind::Canceled, "Could not resolve " + host + ": stopped"};
    return base::Error{base::ErrorKind::Transient, "Could not resolve " + host + ": timed out"};
  }
  if (lookup->failure != 0 || lookup->found.empty()) {
    const char* why = lookup->failure != 0 ? gai_strerror(lookup->failure) : "no address";
    return base::Error{base::ErrorKind::Transient, "Could not resolve " + host + ": " + why};
  }
  return std::move(lookup->found);
}

base::Result<std::vector<std::string>> addresses_of(const std::string& host, base::Monotonic deadline,
                                                    std::stop_token stop) {
  const auto found = resolve(host, 0, deadline, std::move(stop));
  if (!found) return found.error();
  std::vector<std::string> out;
  for (const auto& endpoint : *found) out.push_back(endpoint.address().to_string());
  return out;
}

}  // namespace cadence::net
