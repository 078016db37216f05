// What a long queue costs: webhook-queue-bench [sqlite|postgres [WAITING…]]. For each number of waiting jobs (default
// 0, 100,000, 1,000,000): time of a claim, rate of accepting, memory of a server and GET /jobs of it; then GET /jobs
// with as many jobs in the history. Nine of ten waiting jobs are one owner's, the others' owners are ten thousand. The
// database keeps nothing through a crash (fsync is off): compare the lines with each other, not with other machines.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "store/open.hpp"
#include "store/sqlite_database.hpp"
#include "support.hpp"

namespace {

using namespace cadence;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point begun) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begun).count();
}

std::string percentiles(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) {
    return times.empty() ? 0.0 : times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
  };
  char text[64];
  std::snprintf(text, sizeof text, "p50 %.2f p99 %.2f ms", at(0.5), at(0.99));
  return text;
}

queue::Delivery push(std::size_t number) {
  static const auto host = "git://127.0.0.1:" + std::to_string(test::open_silent_port()) + "/";
  queue::Delivery made;
  made.key = base::random_bytes(16);
  made.body_key = base::random_bytes(16);
  made.provider = "github";
  made.event = "push";
  made.job_id = base::random_uuid();
  const auto owner = number % 10 == 0 ? "owner" + std::to_string(number / 10 % 10000) : "flood";
  const auto name = owner + "/kiln" + std::to_string(number % 3);
  made.spec = {"github_push",
               host + name + ".git",
               "kiln" + std::to_string(number % 3),
               name,
               "trunk",
               base::to_hex(base::random_bytes(20)),
               "mira"};
  return made;
}

template <class T>
T need(base::Result<T> result) {
  if (result) return std::move(*result);
  std::cerr << "webhook-queue-bench: " << result.error().message << "\n";
  std::exit(1);
}

class Bench {
 public:
  explicit Bench(std::string kind) : kind_(std::move(kind)) {
    if (kind_ == "postgres") postgres_ = std::make_unique<test::PostgresServer>();
    address_ = postgres_ ? postgres_->create_database() : "sqlite:" + file();
    store_ = need(store::open_store(store::fixed_address(address_), {"bench", 4}));
    if (auto migrated = store_->migrate(); !migrated) need<int>(migrated.error());
    acceptor_ = store_->open_acceptor();
  }

  void fill(std::size_t waiting) {
    while (stored_ < waiting) accept(std::min<std::size_t>(2000, waiting - stored_));
  }

  void measure(std::size_t waiting) {
    const auto depth = need(store_->depth()).waiting;
    std::cout << kind_ << ", " << waiting << " waiting: claim " << percentiles(claims()) << std::flush;
    const auto begun = Clock::now();
    for (int i = 0; i < 40; ++i) accept(128);
    std::cout << "; accept " << static_cast<int>(40 * 128 / (milliseconds_since(begun) / 1000)) << "/s" << std::flush;
    const auto counting = Clock::now();
    (void)need(store_->depth());
    std::cout << "; count " << static_cast<int>(milliseconds_since(counting)) << " ms" << std::flush;
    serve({"/jobs"});
    std::cout << "  (" << depth << " counted)" << std::endl;
  }

  void measure_history(std::size_t finished) {
    for (std::size_t i = 0; i < finished; i += kChunk) add_history(std::min(kChunk, finished - i));
    std::cout << kind_ << ", " << finished << " in the history:";
    serve({"/jobs", "/jobs?limit=1000", "/jobs?status=failed", "/jobs?status=completed", "/jobs?repo=kiln7",
           "/jobs?repo=flood/kiln7&status=failed", "/jobs?offset=5000"});
    std::cout << std::endl;
  }

 private:
  static constexpr std::size_t kChunk = 50000;
  [[nodiscard]] std::string file() const { return (folder_.path() / "cadence.db").string(); }

  void accept(std::size_t count) {
    std::vector<queue::Delivery> batch;
    for (std::size_t i = 0; i < count; ++i) batch.push_back(push(stored_++));
    (void)need(acceptor_->accept(batch, std::chrono::seconds(60)));
  }

  std::vector<double> claims() {
    const queue::Worker worker{base::random_uuid(), "bench"};
    if (auto renewed = store_->renew(worker, std::chrono::minutes(10)); !renewed) need<int>(renewed.error());
    std::vector<double> times;
    std::vector<std::string> held;
    std::vector<queue::Claim> claimed;
    for (int i = 0; i < 200; ++i) {
      const auto begun = Clock::now();
      for (auto& claim : need(store_->claim(worker, 1, held))) claimed.push_back(std::move(claim));
      times.push_back(milliseconds_since(begun));
      // As in a server: few are held at once.
      for (; claimed.size() > 3; claimed.erase(claimed.begin()))
        (void)need(store_->complete(worker, claimed.front(), {"", "{}", "{}"}));
      held.clear();
      for (const auto& claim : claimed) held.push_back(claim.job_id);
    }
    for (const auto& claim : claimed) (void)need(store_->complete(worker, claim, {"", "{}", "{}"}));
    return times;
  }

  void add_history(std::size_t count) {
    const auto number = std::to_string(count);
    const std::string rest =
        "'https://git.invalid/x.git', 'kiln' || (i % 1000), 'flood/kiln' || (i % 1000), 'trunk', '9c', 'mira', "
        "CREATED, 0, 1, 'bench', 'completed', case i % 20 when 0 then 'failed' else 'completed' end, '', '{}', CREATED";
    if (postgres_) {
      postgres_->query(address_, "insert into job_history select gen_random_uuid(), 'github_push', " +
                                     base::replace_all(rest, "CREATED", "now() - i * interval '1 s'") +
                                     " from generate_series(1, " + number + ") i");
      return;
    }
    const auto database = need(store::SqliteDatabase::open(file()));
    const auto done =
        database->script("with recursive s(i) as (select 1 union all select i + 1 from s where i < " + number +
                         ") insert into job_history select lower(hex(randomblob(16))), 'github_push', " +
                         base::replace_all(rest, "CREATED", "1700000000000000 + i") + " from s");
    if (!done) need<int>(done.error());
  }

  // A server of its own on the same store; what it needs of memory after it answered.
  void serve(const std::vector<std::string>& targets) {
    test::WebhookServer server(folder_.path(), address_);
    server.start();
    for (const auto& target : targets) {
      std::vector<double> times;
      for (int i = 0; i < 300; ++i) {
        const auto begun = Clock::now();
        if (const auto answer = server.ask("GET", target); answer.status != 200)
          std::cerr << answer.status << " " << answer.body << "\n";
        times.push_back(milliseconds_since(begun));
      }
      std::cout << (targets.size() > 1 ? "\n  GET " : "; GET ") << target << " " << percentiles(times) << std::flush;
    }
    std::ifstream status("/proc/" + std::to_string(server.process().pid()) + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.starts_with("VmRSS:")) std::cout << "; RSS " << std::stoi(line.substr(6)) / 1024 << " MiB" << std::flush;
    server.kill();
  }

  std::string kind_;
  test::Folder folder_;
  std::unique_ptr<test::PostgresServer> postgres_;
  std::string address_;
  std::unique_ptr<queue::Store> store_;
  std::unique_ptr<queue::Acceptor> acceptor_;
  std::size_t stored_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> kinds = {"sqlite", "postgres"};
  if (argc > 1) kinds = {argv[1]};
  std::vector<std::size_t> numbers;
  for (int i = 2; i < argc; ++i) numbers.push_back(std::stoul(argv[i]));
  if (numbers.empty()) numbers = {0, 100000, 1000000};
  for (const auto& kind : kinds) {
    Bench bench(kind);
    for (const auto number : numbers) {
      bench.fill(number);
      bench.measure(number);
    }
    bench.measure_history(numbers.back());
  }
}
