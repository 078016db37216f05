#include "ingest/proofs.hpp"

#include "base/text.hpp"
#include "net/pki.hpp"

namespace cadence::ingest {

namespace {

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

}  // namespace

std::optional<std::string> parse_signature(std::string_view header) {
  constexpr std::string_view kPrefix = "sha256=";
  if (!header.starts_with(kPrefix)) return std::nullopt;
  auto bytes = base::from_hex(header.substr(kPrefix.size()));
  if (!bytes || bytes->size() != 32) return std::nullopt;
  return bytes;
}

std::unique_ptr<Proof> hmac_of_body(Secrecy secrets, std::string signature) {
  return std::make_unique<HmacOfBody>(std::move(secrets), std::move(signature));
}

}  // namespace cadence::ingest
