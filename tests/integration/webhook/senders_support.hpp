// Deliveries as each sender makes them, signed with the secrets that the test's server is given.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "net/http.hpp"

namespace cadence::test {

struct Push {
  std::string id, url, commit;
  std::vector<std::string> branches = {"trunk"};
};

struct TestSender {
  std::string name;    // of its route and its secrets
  std::string secret;  // as the server is given it
  bool tells_many;     // several branches in one delivery
  std::function<std::string(const Push&)> body;
  // What proves `body`, with the id, made now with the right or with another secret.
  std::function<std::vector<net::Header>(const std::string& id, const std::string& body, bool is_right)> headers;
};

const std::vector<TestSender>& test_senders();

}  // namespace cadence::test
