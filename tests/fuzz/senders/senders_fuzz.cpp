// Any bytes are a delivery of each sender: header lines, an empty line, and a body. Nobody's secret made it, and what
// is read from it as if somebody's had keeps the promises of jobs.
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "analysis/text/unicode.hpp"
#include "base/text.hpp"
#include "ingest/keys.hpp"
#include "ingest/payload.hpp"
#include "ingest/providers/all.hpp"

namespace {

using namespace cadence;
using namespace cadence::ingest;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

// "Name: value" lines; the rest is the body.
std::string_view read_head(std::string_view input, net::RequestHead& head) {
  while (!input.empty()) {
    const auto end = input.find('\n');
    const auto line = input.substr(0, end);
    input = end == std::string_view::npos ? std::string_view() : input.substr(end + 1);
    if (line.empty()) break;
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos) continue;
    head.headers.push_back({std::string(line.substr(0, colon)), std::string(line.substr(colon + 2))});
  }
  return input;
}

// One that each kind of proof takes for a secret, and that no input can know the signature of.
Secrecy secrets() {
  static const auto all = [] {
    const auto random = base::random_bytes(32);
    return std::make_shared<const std::vector<Secret>>(std::vector<Secret>{
        {"whsec_" + base::to_base64(random), {}}, {"whpk_" + base::to_base64(random), {}}, {base::to_hex(random), {}}});
  }();
  return all;
}

void check_proof(const Provider& provider, const net::RequestHead& head, std::string_view body) {
  auto begun = provider.prove(head, secrets(), base::Wall(std::chrono::seconds(1700000000)));
  if (const auto* refusal = std::get_if<Refusal>(&begun)) {
    require(!refusal->error.empty() && !refusal->code.empty(), "a refusal says why");
    return;
  }
  auto& proof = std::get<std::unique_ptr<Proof>>(begun);
  proof->update(body.substr(0, body.size() / 3));
  proof->update(body.substr(body.size() / 3));
  require(proof->finish(body).empty(), "nobody made it");
}

void check_text(const std::string& text) {
  require(analysis::valid_utf8(text) == text, "a job's texts are UTF-8");
  require(text.find('\0') == std::string::npos, "a job's texts have no NUL");
  require(text.size() <= 2 * kLongestText + 1, "a job's texts are bounded");
}

void check_reading(const Provider& provider, const net::RequestHead& head, std::string_view body) {
  const auto event = provider.read(head, body);
  if (!event) return require(!event.error().message.empty(), "an error says what is wrong");
  if (const auto* ignored = std::get_if<Ignored>(&*event)) return require(!ignored->event.empty(), "it has a name");
  const auto& push = std::get<Push>(*event);
  require(!push.jobs.empty() && push.jobs.size() <= kMostListed, "a push is for some branches, and not for any number");
  for (const auto& job : push.jobs) {
    for (const auto& text : {job.url, job.repo, job.full_name, job.branch, job.commit, job.author}) check_text(text);
    require(!job.event_type.empty() && !queue::is_asked_for(job), "it is a push");
    is_url_of(job.url, job.full_name, provider.url_segment);
    const auto keys =
        keys_of({provider.name, "*", job.full_name, push.id, job.branch, provider.remembers_bodies}, body);
    require(keys.delivery.size() == 16, "a delivery has a key");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  net::RequestHead head;
  const auto body = read_head({reinterpret_cast<const char*>(data), size}, head);
  for (const auto* provider : all_providers()) {
    is_marked(*provider, head);
    check_proof(*provider, head, body);
    check_reading(*provider, head, body);
  }
  return 0;
}
