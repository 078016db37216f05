// The application's two login roles, by turns: both inherit from one owner role, so that the old password works until
// nobody uses it. One definition for the operator, which writes the Secret, and the agent, which brings the roles to
// it. Pure.
#pragma once

#include <string>

#include "base/text.hpp"

namespace cadence::postgres {

// As the Secret names them; no passwords.
struct Logins {
  std::string user;     // present
  std::string next;     // being made; empty: none
  std::string retired;  // no longer allowed to log in; empty: none
  std::string serial;   // changes with each password
  bool operator==(const Logins&) const = default;
};

// What an agent reports once the roles are as the Secret says. Holds nothing secret.
inline std::string hash_of(const Logins& logins) {
  return std::to_string(base::fnv1a(logins.user + "\n" + logins.next + "\n" + logins.retired + "\n" + logins.serial));
}

// The owner role itself is the first login; from then on two others take turns.
inline std::string next_login(const std::string& present) { return present == "cadence_a" ? "cadence_b" : "cadence_a"; }

}  // namespace cadence::postgres
