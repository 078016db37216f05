#include "agent/redis/entrance.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "agent/redis/doorman.hpp"
#include "agent/redis/files.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace cadence::agent::redis {
namespace {

namespace redis = cadence::redis;
using std::chrono::milliseconds;

constexpr milliseconds kLook{250}, kAnswer{25}, kAskBound{700};
constexpr milliseconds kBehindBound{10000};  // an election by itself takes 4 to 7 s
constexpr milliseconds kCacheBound{60000};
constexpr milliseconds kAcceptedAfter{60000};  // copies that are only late come first
constexpr milliseconds kAskHeirAgain{5000};    // as long as a forced election may take

milliseconds since(base::Monotonic start) {
  return std::chrono::duration_cast<milliseconds>(base::system_clock().monotonic() - start);
}

bool keeps_files(Threat threat) {
  return threat == Threat::NoData || threat == Threat::Damaged || threat == Threat::Nameless;
}

}  // namespace

std::string load_failure(const std::string& last_words) {
  static constexpr std::array kSigns = {"reading the append only file",
                                        "AOF manifest",
                                        "AOF MANIFEST",
                                        "AOF loading aborted",
                                        "can't open the append log file",
                                        "error loading the DB",
                                        "OOM loading DB",
                                        "RDB CRC error",
                                        "Wrong RDB checksum",
                                        "Internal error in RDB",
                                        "corrupt RDB",
                                        "Wrong signature",
                                        "RDB file reading failure",
                                        "The AOF file",
                                        "Unable to obtain the AOF file",
                                        "AOF file type"};
  std::string out;
  for (const auto& line : base::split(last_words, '\n')) {
    const bool is_notice = line.find(" * ") != std::string::npos;
    const bool is_sign = std::any_of(kSigns.begin(), kSigns.end(),
                                     [&](const char* sign) { return line.find(sign) != std::string::npos; });
    if (is_notice || !is_sign) continue;
    const auto mark = line.find(" # ");
    out = std::string(base::trim(mark == std::string::npos ? line : line.substr(mark + 3)));
  }
  while (!out.empty() && out.back() == '.') out.pop_back();
  return out.substr(0, 300);
}

base::Result<Finding> Entrance::look_at_volume(const std::string& damage) {
  auto who = recognize_node(places_.data);
  if (!who) return who.error();
  table_ = who->table;
  const Volume volume{.who = *who,
                      .has_data = has_dataset(places_.data),
                      .keeps_data = keeps_data(places_),
                      .ended_well = ended_well(places_.data),
                      .damage = damage};
  auto finding = judge_volume(volume, pod_.shard);
  if (finding.threat != Threat::None || who->identity != Identity::New) return finding;
  return leads_at(ask(), {pod_.ip, pod_.port}) ? lost_everything(pod_.shard) : finding;
}

Survey Entrance::ask() const {
  auto addresses = resolve(peers_, pod_.port);
  for (const auto& node : table_.nodes) {
    if (!node.is_myself && !node.has_no_address && !node.address.ip.empty()) addresses.push_back(node.address);
  }
  std::erase(addresses, redis::Address{pod_.ip, pod_.port});
  const auto secrets = read_secrets(places_.secrets);
  if (!secrets || addresses.empty()) return {};
  return ask_peers(std::move(addresses), operator_credentials(*secrets), kAskBound);
}

bool Entrance::may_give_up(const Finding& finding, const Survey& survey, milliseconds waited) const {
  if (finding.threat == Threat::Emptied) return waited >= kCacheBound;
  if (finding.threat == Threat::Behind) {
    const auto* heir = heir_of(survey, finding.heirs_of, true);
    return heir == nullptr || !can_elect(survey, *heir) || waited >= kBehindBound;
  }
  return is_loss_accepted(places_, pod_.shard) && (!finding.has_copies || waited >= kAcceptedAfter);
}

void Entrance::ask_heir(const Finding& finding, const Survey& survey, milliseconds waited) {
  if (finding.heirs_of.empty() || waited < next_request_) return;
  const auto* heir = heir_of(survey, finding.heirs_of, finding.threat == Threat::Behind);
  const auto secrets = read_secrets(places_.secrets);
  if (heir == nullptr || !secrets || !can_elect(survey, *heir)) return;
  next_request_ = waited + kAskHeirAgain;
  const auto asked = ask_to_lead(*heir, operator_credentials(*secrets), kAskBound);
  base::log_info("Asked a replica to lead",
                 {{"replica", to_string(heir->address)}, {"outcome", asked ? "accepted" : asked.error().message}});
}

Passage Entrance::open_after(const Finding& finding) const {
  if (!keeps_files(finding.threat)) return Passage::Open;
  const auto folder = set_aside(places_.data, finding.threat == Threat::Nameless);
  if (!folder) {
    base::log_error(folder.error().message);
    return Passage::Failed;
  }
  base::log_warning("Set the files aside; the data comes from another node", {{"folder", *folder}});
  return Passage::Open;
}

Passage Entrance::wait_until_over(const Finding& finding) {
  std::optional<Doorman> doorman;
  // A node that is merely behind will be there in a moment, and nobody need know.
  if (finding.threat != Threat::Behind) doorman.emplace(pod_.port, places_.socket());
  const auto start = base::system_clock().monotonic();
  next_request_ = milliseconds(0);
  for (;;) {
    const auto survey = ask();
    if (is_over(finding, survey)) return open_after(finding);
    if (may_give_up(finding, survey, since(start))) {
      base::log_warning("Nobody took over; starting as it is");
      return open_after(finding);
    }
    ask_heir(finding, survey, since(start));
    for (const auto look = base::system_clock().monotonic(); since(look) < kLook;) {
      if (!supervisor_.wait_for(kAnswer)) return Passage::Stopped;
      if (doorman) doorman->answer_all(finding.sentence);
    }
  }
}

std::optional<Secrets> Entrance::await_secrets() {
  auto secrets = read_secrets(places_.secrets);
  if (secrets) return std::move(*secrets);
  base::log_warning("Waiting for the passwords", {{"reason", secrets.error().message}});
  const Doorman doorman(pod_.port, places_.socket());
  while (!secrets) {
    const auto sentence =
        secrets.error().message + ". It starts by itself once the Secret is whole and the kubelet has brought it here";
    for (const auto look = base::system_clock().monotonic(); since(look) < kLook;) {
      if (!supervisor_.wait_for(kAnswer)) return std::nullopt;
      doorman.answer_all(sentence);
    }
    secrets = read_secrets(places_.secrets);
  }
  return std::move(*secrets);
}

Passage Entrance::pass(const std::string& damage) {
  const auto finding = look_at_volume(damage);
  if (!finding) {
    base::log_error(finding.error().message);
    return Passage::Failed;
  }
  if (finding->threat == Threat::None) return supervisor_.stop_was_asked() ? Passage::Stopped : Passage::Open;
  base::log_warning("Waiting for a replica to take over", {{"reason", finding->sentence}});
  return wait_until_over(*finding);
}

}  // namespace cadence::agent::redis
