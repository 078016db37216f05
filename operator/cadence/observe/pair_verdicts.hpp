// What OpenSSL says of certificates and keys, remembered by their content: reading them is most of the time of a look,
// and they change once in weeks. Promises: the same answers as net/pki.hpp; bounded; keeps hashes and verdicts, no key.
// Any thread. Knows nothing of Secrets.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "net/pki.hpp"

namespace cadence::observe {

class PairVerdicts {
 public:
  // Why it cannot be used; empty: it can.
  std::string unfit_authority(const net::KeyPair& pair);
  std::string unfit_server(const net::KeyPair& pair);
  bool is_issued_by(const std::string& certificate_pem, const std::string& authority_pem);
  // Nothing: it cannot be read.
  std::optional<net::Validity> validity(const std::string& certificate_pem);

 private:
  std::string remembered(char question, const std::string& one, const std::string& other,
                         const std::function<std::string()>& answer);

  std::mutex mutex_;
  std::map<std::string, std::string> verdicts_;  // by SHA-256 of question and content
};

}  // namespace cadence::observe
