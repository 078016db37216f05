#include "agent/postgres/peers/addresses.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace cadence::agent::postgres {
namespace {

constexpr std::chrono::seconds kInterval{2};
constexpr std::chrono::seconds kHeardIsTrue{60};  // twice the time that name services keep an answer

std::string first_address(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  // With its dot at the end the name is asked for once, not below each search domain.
  if (::getaddrinfo((host + ".cluster.local.").c_str(), nullptr, &hints, &list) != 0 &&
      ::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0)
    return {};
  char text[INET6_ADDRSTRLEN] = {};
  if (list != nullptr) ::getnameinfo(list->ai_addr, list->ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST);
  ::freeaddrinfo(list);
  return text;
}

}  // namespace

struct Addresses::Book {
  std::mutex mutex;
  std::condition_variable changed;
  bool is_over = false;
  std::map<std::string, std::string> host_of, address_of;  // by instance
  struct Heard {
    std::string address;
    std::chrono::steady_clock::time_point at;
  };
  std::map<std::string, Heard> heard;
};

Addresses::Addresses(const Options& options) : options_(options), book_(std::make_shared<Book>()) {
  std::thread([book = book_] { look_up(book); }).detach();
}

Addresses::~Addresses() {
  const std::lock_guard lock(book_->mutex);
  book_->is_over = true;
  book_->changed.notify_all();
}

void Addresses::want(const std::vector<std::string>& instances) {
  const std::lock_guard lock(book_->mutex);
  bool is_new = false;
  for (const auto& name : instances) {
    if (name == options_.instance || options_.peers.contains(name) || book_->host_of.contains(name)) continue;
    book_->host_of[name] = options_.address_of(name).host;
    is_new = true;
  }
  if (is_new) book_->changed.notify_all();
}

bool Addresses::learn(const std::string& instance, const std::string& address) {
  if (options_.peers.contains(instance)) return false;
  const std::lock_guard lock(book_->mutex);
  if (!book_->host_of.contains(instance)) return false;
  auto& heard = book_->heard[instance];
  const auto before = heard.address.empty() ? book_->address_of[instance] : heard.address;
  heard = {address, std::chrono::steady_clock::now()};
  return before != address;
}

std::string Addresses::of(const std::string& instance) const {
  if (const auto given = options_.peers.find(instance); given != options_.peers.end()) return given->second.host_addr;
  const std::lock_guard lock(book_->mutex);
  const auto heard = book_->heard.find(instance);
  if (heard != book_->heard.end() && std::chrono::steady_clock::now() - heard->second.at < kHeardIsTrue)
    return heard->second.address;
  const auto found = book_->address_of.find(instance);
  return found == book_->address_of.end() ? std::string() : found->second;
}

rules::PrimaryAddress Addresses::postgres_of(const std::string& instance) const {
  auto out = options_.address_of(instance);
  if (out.host_addr.empty()) out.host_addr = of(instance);
  return out;
}

rules::PrimaryAddress Addresses::api_of(const std::string& instance) const {
  auto out = options_.api_address_of(instance);
  if (out.host_addr.empty()) out.host_addr = of(instance);
  return out;
}

void Addresses::look_up(const std::shared_ptr<Book>& book) {
  std::unique_lock lock(book->mutex);
  while (!book->is_over) {
    const auto wanted = book->host_of;
    lock.unlock();
    std::map<std::string, std::string> found;
    for (const auto& [name, host] : wanted) found[name] = first_address(host);
    lock.lock();
    for (auto& [name, address] : found) {
      if (!address.empty()) book->address_of[name] = std::move(address);
    }
    book->changed.wait_for(lock, kInterval, [&] { return book->is_over || book->host_of.size() != wanted.size(); });
  }
}

}  // namespace cadence::agent::postgres
