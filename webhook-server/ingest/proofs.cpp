#include "ingest/proofs.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "ingest/providers/push.hpp"
#include "net/pki.hpp"

namespace cadence::ingest {

namespace {

constexpr std::size_t kDigest = 32;  // bytes of SHA-256

class HmacOfBody final : public Proof {
 public:
  HmacOfBody(Secrecy secrets, std::string signature) : secrets_(std::move(secrets)), signature_(std::move(signature)) {
    for (const auto& secret : *secrets_) codes_.emplace_back(secret.value);
  }

  void update(std::string_view piece) override {
    for (auto& code : codes_) code.update(piece);
  }

  std::vector<const Secret*> finish(std::string_view) override {
    std::vector<const Secret*> matching;
    for (std::size_t i = 0; i < codes_.size(); ++i)
      if (base::equals_in_constant_time(codes_[i].finish(), signature_)) matching.push_back(&(*secrets_)[i]);
    return matching;
  }

 private:
  Secrecy secrets_;
  std::string signature_;
  std::vector<net::HmacSha256> codes_;
};

// The form is taken apart before the signature is known to be right, and nothing but that: its JSON is not read.
class HmacOfForm final : public Proof {
 public:
  HmacOfForm(Secrecy secrets, std::string signature) : proof_(std::move(secrets), std::move(signature)) {}
  void update(std::string_view) override {}
  std::vector<const Secret*> finish(std::string_view body) override {
    const auto payload = form_payload(body);
    proof_.update(payload ? *payload : body);
    return proof_.finish(body);
  }

 private:
  HmacOfBody proof_;
};

class Proven final : public Proof {
 public:
  Proven(Secrecy secrets, std::vector<const Secret*> matching)
      : secrets_(std::move(secrets)), matching_(std::move(matching)) {}
  void update(std::string_view) override {}
  std::vector<const Secret*> finish(std::string_view) override { return matching_; }

 private:
  Secrecy secrets_;  // keeps them alive
  std::vector<const Secret*> matching_;
};

}  // namespace

std::optional<std::string> parse_signature(std::string_view header, std::string_view prefix) {
  if (!header.starts_with(prefix)) return std::nullopt;
  auto bytes = base::from_hex(header.substr(prefix.size()));
  if (!bytes || bytes->size() != kDigest) return std::nullopt;
  return bytes;
}

std::unique_ptr<Proof> hmac_of_body(Secrecy secrets, std::string signature) {
  return std::make_unique<HmacOfBody>(std::move(secrets), std::move(signature));
}

std::unique_ptr<Proof> hmac_of_form(Secrecy secrets, std::string signature) {
  return std::make_unique<HmacOfForm>(std::move(secrets), std::move(signature));
}

std::unique_ptr<Proof> proven(Secrecy secrets, std::vector<const Secret*> matching) {
  return std::make_unique<Proven>(std::move(secrets), std::move(matching));
}

std::vector<const Secret*> secrets_equal_to(const std::vector<Secret>& secrets, std::string_view text) {
  // Digests have one length, so that the time tells nothing of a secret's.
  const auto digest = net::sha256(text);
  std::vector<const Secret*> matching;
  for (const auto& secret : secrets)
    if (base::equals_in_constant_time(net::sha256(secret.value), digest)) matching.push_back(&secret);
  return matching;
}

}  // namespace cadence::ingest
