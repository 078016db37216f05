#include "senders.hpp"

#include <algorithm>

#include "base/log.hpp"
#include "base/text.hpp"
#include "ingest/providers/all.hpp"

namespace cadence {

SenderSecrets::SenderSecrets(const config::Config& config) {
  std::vector<std::string> known;
  for (const auto* provider : ingest::all_providers()) {
    add(*provider, config);
    known.emplace_back(provider->name);
  }
  for (const auto& [sender, list] : config.secrets)
    if (std::find(known.begin(), known.end(), sender) == known.end())
      base::log_warning("webhook.secrets names a sender that this server does not know",
                        {{"sender", sender}, {"known", base::join(known, ", ")}});
}

void SenderSecrets::add(const ingest::Provider& provider, const config::Config& config) {
  std::vector<ingest::Secret> fixed;
  std::vector<ingest::SecretFile> files;
  if (const auto sources = config.secrets.find(provider.name); sources != config.secrets.end())
    for (const auto& source : sources->second) {
      if (source.file.empty()) fixed.push_back({source.value, source.repositories});
      else files.push_back({source.file, source.repositories});
    }
  all_.emplace_back(provider, std::move(fixed), std::move(files));
}

base::Result<void> SenderSecrets::refresh() {
  base::Result<void> outcome;
  for (auto& entry : all_) {
    const auto read = entry.secrets.refresh();
    if (read) continue;
    const auto key = "webhook.secrets." + std::string(entry.provider.name);
    base::log_warning("A secret could not be used", {{"of", key}, {"error", read.error().message}});
    if (outcome && entry.secrets.current()->empty()) outcome = read.error().with_context(key);
  }
  return outcome;
}

std::vector<ingest::Sender> SenderSecrets::senders() {
  std::vector<ingest::Sender> out;
  for (auto& entry : all_) out.push_back({entry.provider, entry.secrets});
  return out;
}

}  // namespace cadence
