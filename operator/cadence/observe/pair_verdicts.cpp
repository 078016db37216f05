#include "cadence/observe/pair_verdicts.hpp"

#include "base/text.hpp"

namespace cadence::observe {
namespace {

constexpr std::size_t kMost = 1024;  // a cluster has five pairs; about 100 bytes each

std::string message_of(const base::Result<void>& checked) { return checked ? "" : checked.error().message; }

}  // namespace

std::string PairVerdicts::unfit_authority(const net::KeyPair& pair) {
  return remembered('a', pair.certificate_pem, pair.key_pem, [&] { return message_of(net::check_pair(pair, true)); });
}

std::string PairVerdicts::unfit_server(const net::KeyPair& pair) {
  return remembered('s', pair.certificate_pem, pair.key_pem, [&] { return message_of(net::check_server_pair(pair)); });
}

bool PairVerdicts::is_issued_by(const std::string& certificate_pem, const std::string& authority_pem) {
  return !remembered('i', certificate_pem, authority_pem, [&] {
            return std::string(net::is_issued_by(certificate_pem, authority_pem) ? "yes" : "");
          }).empty();
}

std::optional<net::Validity> PairVerdicts::validity(const std::string& certificate_pem) {
  const auto text = remembered('v', certificate_pem, "", [&] {
    const auto read = net::certificate_validity(certificate_pem);
    return read ? base::format_rfc3339(read->begin) + " " + base::format_rfc3339(read->end) : std::string();
  });
  const auto dates = base::split(text, ' ');
  if (dates.size() != 2) return std::nullopt;
  return net::Validity{base::parse_rfc3339(dates[0]), base::parse_rfc3339(dates[1])};
}

std::string PairVerdicts::remembered(char question, const std::string& one, const std::string& other,
                                     const std::function<std::string()>& answer) {
  auto content = std::string(1, question) + std::to_string(one.size()) + ":" + one + other;
  const auto key = net::sha256(content);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = verdicts_.find(key); found != verdicts_.end()) return found->second;
  }
  auto verdict = answer();
  const std::lock_guard lock(mutex_);
  if (verdicts_.size() >= kMost) verdicts_.clear();
  verdicts_[key] = verdict;
  return verdict;
}

}  // namespace cadence::observe
