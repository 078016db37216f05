// The senders of this server with the secrets that the configuration gives each. Promises: senders() stays valid as
// long as this object; what a file holds is read again by refresh(), while deliveries are received.
#pragma once

#include <list>
#include <utility>

#include "config/config.hpp"
#include "ingest/receiver.hpp"

namespace cadence {

class SenderSecrets {
 public:
  // A name that no sender has is a warning in the log.
  explicit SenderSecrets(const config::Config& config);
  // An error where a sender was given secrets and none can be used; what else is wrong is a warning in the log.
  base::Result<void> refresh();
  // All that there are: without a secret a sender's deliveries are refused.
  std::vector<ingest::Sender> senders();

 private:
  void add(const ingest::Provider& provider, const config::Config& config);

  struct Entry {
    Entry(const ingest::Provider& its, std::vector<ingest::Secret> fixed, std::vector<ingest::SecretFile> files)
        : provider(its), secrets(std::move(fixed), std::move(files), its.check_secret) {}
    const ingest::Provider& provider;
    ingest::Secrets secrets;
  };
  std::list<Entry> all_;
};

}  // namespace cadence
