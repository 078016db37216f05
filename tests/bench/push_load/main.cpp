// Sends signed GitHub pushes at a steady rate until SIGTERM, for a bounded time, and reports what came of each: the
// load of the availability stories. Reads one JSON document from standard input ({address, server_name, ca, secret,
// rate, seconds, body}), writes one to standard output. A delivery counts as failed unless its first and only attempt
// is answered 202: senders do not try again at once either.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <iterator>
#include <mutex>
#include <thread>
#include <vector>

#include "base/text.hpp"
#include "json/value.hpp"
#include "net/pki.hpp"
#include "net/transport.hpp"

namespace {

using namespace std::chrono_literals;
using cadence::json::Value;

volatile std::sig_atomic_t is_over = 0;

struct Job {
  std::string address, server_name, ca, secret, body;
  int rate = 0, seconds = 0;
};

struct Tally {
  std::mutex mutex;
  std::vector<double> milliseconds;
  std::vector<std::string> job_ids, failures;
  std::atomic<int> next{0};
};

Job read_job() {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const auto document = cadence::json::parse(text);
  if (!document) {
    std::cerr << "push-load: " << document.error().message << "\n";
    std::exit(2);
  }
  const auto& d = *document;
  return {d["address"], d["server_name"], d["ca"], d["secret"], cadence::json::dump(d["body"]),
          d["rate"],    d["seconds"]};
}

// Each push has a body of its own, as a sender's have: a body that is known is a repeat.
cadence::net::Request signed_push(const Job& job) {
  const auto id = cadence::base::random_uuid();
  cadence::net::Request request;
  request.method = "POST";
  request.target = "/webhooks/github";
  request.body = job.body.substr(0, job.body.rfind('}')) + ",\"push_id\":\"" + id + "\"}";
  request.headers = {
      {"Host", job.server_name},
      {"Content-Type", "application/json"},
      {"X-GitHub-Event", "push"},
      {"X-GitHub-Delivery", id},
      {"X-Hub-Signature-256", "sha256=" + cadence::base::to_hex(cadence::net::hmac_sha256(job.secret, request.body))}};
  return request;
}

void note(Tally& tally, const cadence::base::Result<cadence::net::Response>& answer, double milliseconds) {
  const std::lock_guard lock(tally.mutex);
  tally.milliseconds.push_back(milliseconds);
  if (!answer) {
    tally.failures.push_back(answer.error().message);
  } else if (answer->status != 202) {
    tally.failures.push_back(std::to_string(answer->status) + " " + answer->body.substr(0, 200));
  } else if (const auto body = cadence::json::parse(answer->body)) {
    tally.job_ids.push_back(cadence::json::string_at(*body, {"job_id"}));
  }
}

// Each sender takes the next number and sends it at that number's moment: a slow answer delays no other.
void send_pushes(const Job& job, std::chrono::steady_clock::time_point start, Tally& tally) {
  const auto origin = [&] {
    cadence::net::ClientTls tls;
    tls.ca_pem = job.ca;
    tls.server_name = job.server_name;
    return cadence::base::Result<cadence::net::Origin>(cadence::net::Origin{job.address, 443, tls});
  };
  const auto transport = cadence::net::make_beast_transport(origin);
  for (;;) {
    const int number = tally.next++;
    if (number >= job.rate * job.seconds) return;
    std::this_thread::sleep_until(start + number * (1000000us / job.rate));
    if (is_over != 0) return;
    const auto began = std::chrono::steady_clock::now();
    const auto answer = transport->send(signed_push(job), 20s, {});
    note(tally, answer, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
  }
}

double percentile(const std::vector<double>& sorted, double share) {
  return sorted.empty() ? 0
                        : sorted[std::min(sorted.size() - 1,
                                          static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

}  // namespace

int main() {
  const auto job = read_job();
  std::signal(SIGTERM, [](int) { is_over = 1; });
  Tally tally;
  const auto start = std::chrono::steady_clock::now() + 100ms;
  {
    std::vector<std::jthread> senders;
    for (int i = 0; i < std::clamp(job.rate / 5, 8, 64); ++i)
      senders.emplace_back([&] { send_pushes(job, start, tally); });
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  std::sort(tally.milliseconds.begin(), tally.milliseconds.end());
  const Value report{
      {"sent", tally.milliseconds.size()},
      {"seconds", seconds},
      {"failed", tally.failures.size()},
      {"failures",
       std::vector<std::string>(tally.failures.begin(),
                                tally.failures.begin() + std::min<std::ptrdiff_t>(5, std::ssize(tally.failures)))},
      {"job_ids", tally.job_ids},
      {"p50_ms", percentile(tally.milliseconds, 0.5)},
      {"p99_ms", percentile(tally.milliseconds, 0.99)},
      {"max_ms", tally.milliseconds.empty() ? 0 : tally.milliseconds.back()}};
  std::cout << cadence::json::dump(report) << "\n";
}
