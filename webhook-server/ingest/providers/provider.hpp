// A sender's contract as a value: what shows that a delivery is the sender's, by which id it comes again, and what its
// body asks for. Promises of every provider: functions of the head, the body and the clock only; nothing of a body is
// looked into before its proof holds. Knows nothing of routes, stores, or how long a body takes to arrive.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "ingest/secrets.hpp"
#include "net/server.hpp"
#include "queue/job.hpp"

namespace cadence::ingest {

// Why a delivery is not believed; the members of a 401.
struct Refusal {
  std::string error, code, message;
};

// Fed with the body while it arrives, so that nothing is left to do after its last byte.
class Proof {
 public:
  virtual ~Proof() = default;
  virtual void update(std::string_view piece) = 0;
  // The secrets that made it; empty: refuse. Once, with the whole body that update() saw.
  virtual std::vector<const Secret*> finish(std::string_view body) = 0;
};

using Secrecy = std::shared_ptr<const std::vector<Secret>>;
using Begun = std::variant<Refusal, std::unique_ptr<Proof>>;

// An authentic delivery that asks for no analysis.
struct Ignored {
  std::string event, reason;  // reason may be empty
};

// Branches that moved: one job each. Some senders tell of several in one delivery.
struct Push {
  std::vector<queue::JobSpec> jobs;  // never empty
  std::string id = {};               // of the delivery, where the body carries it and no header does
  std::string digest = {};           // SHA-256 of what was signed, where that is a part of the body only
};

using Event = std::variant<Push, Ignored>;

struct Provider {
  // In the route /webhooks/NAME, the key webhook.secrets.NAME and the ledger; stays for ever, for ids are bound to it.
  std::string_view name;
  // Headers that only this sender has: POST /webhook knows it by them.
  std::vector<std::string_view> marks = {};
  // The first of these that is there is the delivery's id, the same when it comes again.
  std::vector<std::string_view> id_headers = {};
  // The signature covers the body alone: whoever captured one may send it under any id, so bodies are remembered too.
  bool remembers_bodies = true;
  // What the sender's URLs have besides the repository's full name ("scm", "_git"); empty: nothing.
  std::string_view url_segment = {};
  // Whether a secret can be used at all; an error says what it must look like, and nothing of the secret.
  base::Result<void> (*check_secret)(std::string_view value) = nullptr;
  // A refusal from the head alone, or the proof that the body is needed for.
  Begun (*prove)(const net::RequestHead& head, Secrecy secrets, base::Wall now) = nullptr;
  // What an authentic delivery asks for; an error names the place in the body.
  base::Result<Event> (*read)(const net::RequestHead& head, std::string_view body) = nullptr;
  // The answer to a body that no secret made.
  Refusal unproven{"invalid signature", "invalid_signature", "no configured secret made this signature"};
};

}  // namespace cadence::ingest
