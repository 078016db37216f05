// Where the other instances are: names looked up every few seconds by a thread of its own, so that neither an election
// nor a new stream waits for a name service that may have died with the same node. Promises: the last answer is kept;
// asking never blocks.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/postgres/options.hpp"

namespace cadence::agent::postgres {

class Addresses {
 public:
  explicit Addresses(const Options& options);
  ~Addresses();
  Addresses(const Addresses&) = delete;
  Addresses& operator=(const Addresses&) = delete;

  void want(const std::vector<std::string>& instances);
  // `instance` was heard from there: for a while that is truer than a name service, which may remember a pod that is
  // gone. True when it is news.
  bool learn(const std::string& instance, const std::string& address);
  // An IP literal; empty while none is known.
  [[nodiscard]] std::string of(const std::string& instance) const;
  // The address with `host_addr` filled in where it is known.
  [[nodiscard]] rules::PrimaryAddress postgres_of(const std::string& instance) const;
  [[nodiscard]] rules::PrimaryAddress api_of(const std::string& instance) const;

 private:
  struct Book;  // outlives us: getaddrinfo(3) cannot be interrupted
  static void look_up(const std::shared_ptr<Book>& book);
  const Options& options_;
  std::shared_ptr<Book> book_;
};

}  // namespace cadence::agent::postgres
