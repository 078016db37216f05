// Sends signed GitHub pushes at a steady rate until SIGTERM, for a bounded time, and reports what came of each: the
// load of the availability stories. Reads one JSON document from standard input ({address, server_name, ca, secret,
// rate, seconds, body, again}), writes one to standard output. A delivery counts as failed unless its first and only
// attempt is answered 202: senders do not try again at once either. Where `again` names deliveries that an earlier run
// reported as unaccepted, these are sent as they were, once each, and nothing else is.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <semaphore>
#include <thread>
#include <vector>

#include "base/text.hpp"
#include "json/value.hpp"
#include "net/pki.hpp"
#include "net/transport.hpp"

namespace {

using namespace std::chrono_literals;
using cadence::json::Value;

constexpr auto kAnswer = 20s;
constexpr int kHeldSeconds = 10;  // a server's ack_deadline_seconds and a little

volatile std::sig_atomic_t is_over = 0;

struct Job {
  std::string address, server_name, ca, secret, body;
  int rate = 0, seconds = 0;
  std::vector<std::string> again;  // ids
};

struct Tally {
  std::mutex mutex;
  std::vector<double> milliseconds;
  std::vector<std::string> job_ids, failures, unaccepted;  // the last: ids of deliveries
};

Job read_job() {
  const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
  const auto document = cadence::json::parse(text);
  if (!document) {
    std::cerr << "push-load: " << document.error().message << "\n";
    std::exit(2);
  }
  const auto& d = *document;
  Job job{d["address"], d["server_name"], d["ca"], d["secret"], cadence::json::dump(d["body"]),
          d["rate"],    d["seconds"],     {}};
  if (d.contains("again")) job.again = d["again"].get<std::vector<std::string>>();
  return job;
}

// Each push has a body of its own, as a sender's have: a body that is known is a repeat.
cadence::net::Request signed_push(const Job& job, const std::string& id) {
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

void note(Tally& tally, const std::string& id, const cadence::base::Result<cadence::net::Response>& answer,
          double milliseconds) {
  const std::lock_guard lock(tally.mutex);
  tally.milliseconds.push_back(milliseconds);
  if (!answer || answer->status != 202) {
    tally.unaccepted.push_back(id);
    tally.failures.push_back(answer ? std::to_string(answer->status) + " " + answer->body.substr(0, 200)
                                    : answer.error().message);
  } else if (const auto body = cadence::json::parse(answer->body)) {
    tally.job_ids.push_back(cadence::json::string_at(*body, {"job_id"}));
  }
}

// Connections that nobody sends on; the one that was used last comes first, so that there are no more than are needed.
class Connections {
 public:
  explicit Connections(const Job& job) : job_(job) {}

  std::unique_ptr<cadence::net::Transport> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!idle_.empty()) {
        auto one = std::move(idle_.back());
        idle_.pop_back();
        return one;
      }
    }
    cadence::net::ClientTls tls;
    tls.ca_pem = job_.ca;
    tls.server_name = job_.server_name;
    return cadence::net::make_beast_transport([address = job_.address, tls] {
      return cadence::base::Result<cadence::net::Origin>(cadence::net::Origin{address, 443, tls});
    });
  }

  void give_back(std::unique_ptr<cadence::net::Transport> one) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(one));
  }

 private:
  const Job& job_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<cadence::net::Transport>> idle_;
};

// The numbers whose moment has come; whoever waits at the end is sent away.
class Schedule {
 public:
  std::optional<int> take() {
    due_.acquire();
    const int number = next_++;
    if (number < given_.load()) return number;
    return std::nullopt;
  }
  void give() {
    ++given_;
    due_.release();
  }
  void end(int senders) { due_.release(senders); }

 private:
  std::counting_semaphore<> due_{0};
  std::atomic<int> next_{0}, given_{0};
};

// A slow answer delays no other: there are as many senders as may wait at once.
void send_pushes(const Job& job, Schedule& schedule, Connections& connections, Tally& tally) {
  while (const auto number = schedule.take()) {
    const auto id = job.again.empty() ? cadence::base::random_uuid() : job.again[static_cast<std::size_t>(*number)];
    const auto push = signed_push(job, id);
    auto connection = connections.take();
    const auto began = std::chrono::steady_clock::now();
    const auto answer = connection->send(push, kAnswer, {});
    note(tally, id, answer,
         std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count());
    connections.give_back(std::move(connection));
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
  Connections connections(job);
  Schedule schedule;
  const auto start = std::chrono::steady_clock::now() + 100ms;
  {
    const int count = job.again.empty() ? job.rate * job.seconds : static_cast<int>(job.again.size());
    const int at_once = std::clamp(job.rate * kHeldSeconds, 8, 1000);
    std::vector<std::jthread> senders;
    for (int i = 0; i < at_once; ++i) senders.emplace_back([&] { send_pushes(job, schedule, connections, tally); });
    for (int number = 0; number < count; ++number) {
      std::this_thread::sleep_until(start + number * (1000000us / job.rate));
      if (is_over != 0) break;
      schedule.give();
    }
    schedule.end(at_once);
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
      {"unaccepted", tally.unaccepted},
      {"p50_ms", percentile(tally.milliseconds, 0.5)},
      {"p99_ms", percentile(tally.milliseconds, 0.99)},
      {"max_ms", tally.milliseconds.empty() ? 0 : tally.milliseconds.back()}};
  std::cout << cadence::json::dump(report) << "\n";
}
