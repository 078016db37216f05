// What an accepted delivery costs: signed pushes of 8 KiB over 64 keep-alive connections, for a while, against no store
// at all (webhook-bare-server), SQLite and PostgreSQL with one synchronous standby, all of them here, all of them
// durable (fsync). With --against, another build takes its turns in the same run. Processor time for each delivery is
// what compares; rates are what the other processes of the machine left.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iostream>
#include <map>
#include <optional>

#include "base/text.hpp"
#include "ports.hpp"
#include "process_costs.hpp"
#include "push_storm.hpp"
#include "support.hpp"

namespace {

using namespace cadence;
using std::chrono::milliseconds;

struct Options {
  std::vector<std::string> builds = {CADENCE_BUILD_FOLDER};
  std::vector<std::string> stores = {"none", "sqlite", "postgres"};
  double seconds = 10;
  int rounds = 3;
  bool are_jobs_held = false, is_status_owed = false, are_statements_told = false;
};

// One run: everything per delivery but rate and percentiles.
using Figures = std::vector<std::pair<std::string, double>>;

// PostgreSQL's own books of one database.
class Books {
 public:
  Books(test::PostgresServer& primary, std::string address) : primary_(primary), address_(std::move(address)) {}
  [[nodiscard]] const std::string& address() const { return address_; }
  void open() {
    primary_.query(address_, "create extension if not exists pg_stat_statements");
    primary_.query(address_, "select pg_stat_statements_reset()");
    before_ = totals();
  }
  // What the database did for so many deliveries, the dearest first.
  void tell_statements(double deliveries) {
    const auto text = primary_.query(
        address_,
        "select string_agg(line, E'\\n') from (select format('  %s calls, %s us and %s us of planning a delivery, %s "
        "functions compiled: %s', calls, round((total_exec_time * 1000 / " +
            std::to_string(deliveries) + ")::numeric, 2), round((total_plan_time * 1000 / " +
            std::to_string(deliveries) +
            ")::numeric, 2), jit_functions, left(regexp_replace(query, '\\s+', ' ', 'g'), 90)) as line from "
            "pg_stat_statements where dbid = (select oid from pg_database where datname = current_database()) order by "
            "total_exec_time + total_plan_time desc limit 8) as lines");
    std::cout << text << "\n";
  }
  void close(Figures& figures, double deliveries) {
    const auto after = totals();
    const auto per_delivery = [&](std::size_t i) { return (after[i] - before_[i]) / deliveries; };
    figures.emplace_back("commits", per_delivery(0));
    figures.emplace_back("wal bytes", per_delivery(1));
    figures.emplace_back("jobs ended", per_delivery(2));
    figures.emplace_back("batch", deliveries / std::max(1.0, accept("calls")));
    figures.emplace_back("accept us", accept("total_exec_time") * 1000 / deliveries);
  }

 private:
  std::vector<double> totals() {
    const auto text = primary_.query(address_,
                                     "select (select xact_commit from pg_stat_database where datname = "
                                     "current_database()) || ' ' || (pg_current_wal_lsn() - '0/0') || ' ' || (select "
                                     "count(*) from job_history)");
    std::vector<double> numbers;
    for (const auto& word : base::split(text, ' ')) numbers.push_back(std::stod(word));
    return numbers;
  }
  double accept(const std::string& column) {
    return std::stod(primary_.query(address_, "select coalesce(sum(" + column +
                                                  "), 0) from pg_stat_statements where query ilike '%insert into "
                                                  "delivery%' and query not like 'select%' and dbid = (select oid from "
                                                  "pg_database where datname = current_database())"));
  }

  test::PostgresServer& primary_;
  std::string address_;
  std::vector<double> before_;
};

class Bench {
 public:
  explicit Bench(Options options) : options_(std::move(options)) {
    if (std::ranges::find(options_.stores, "postgres") == options_.stores.end()) return;
    primary_ = std::make_unique<test::PostgresServer>(std::vector<std::string>{
        "shared_preload_libraries=pg_stat_statements", "pg_stat_statements.track_planning=on"});
    standby_ = primary_->make_standby();
  }

  Figures run(const std::string& build, const std::string& store) {
    const test::Folder folder;
    const int port = test::free_port();
    std::optional<Books> books;
    if (store == "postgres") books.emplace(*primary_, primary_->create_database());
    const std::string address = books ? books->address() : "sqlite:" + (folder.path() / "cadence.db").string();
    test::Process server(command(build, store, folder.path(), address, port), folder.path(), folder.path() / "log");
    wait_for(store, port);
    bench::PushStorm storm(
        {port, "hush", options_.are_jobs_held ? "git://127.0.0.1:" + std::to_string(silent_port_) : ""});
    (void)storm.run(milliseconds(1500));
    return measure(storm, server.pid(), folder.path(), books);
  }

 private:
  std::vector<std::string> command(const std::string& build, const std::string& store,
                                   const std::filesystem::path& folder, const std::string& address, int port) {
    if (store == "none") return {build + "/tests/webhook-bare-server", std::to_string(port), "hush"};
    std::ofstream(folder / "token") << "none";
    std::ofstream(folder / "cadence.yml")
        << "webhook: {host: 127.0.0.1, port: " << port << ", secret: hush, drain_seconds: 0"
        << (options_.is_status_owed ? ", feedback: [{provider: github, api_url: 'http://127.0.0.1:1', token_file: " +
                                          (folder / "token").string() + "}]"
                                    : "")
        << "}\nclone: {allow_private_networks: " << (options_.are_jobs_held ? "true" : "false") << "}\nstore: '"
        << address << "'\n";
    return {build + "/bin/cadence-webhook", "serve", "--config", "cadence.yml"};
  }

  static void wait_for(const std::string& store, int port) {
    const auto url = "http://127.0.0.1:" + std::to_string(port) + (store == "none" ? "/" : "/ready/deep");
    const auto answers = [&] {
      std::vector<std::string> ask = {"curl", "-s", "-o", "/dev/null", url};
      if (store != "none") ask.insert(ask.begin() + 1, "-f");
      return test::run(ask) == 0;
    };
    if (!test::eventually(answers)) throw std::runtime_error("the server did not start");
  }

  bench::Costs database_costs() const {
    bench::Costs costs;
    for (const auto* each : {primary_.get(), standby_.get()})
      if (each != nullptr) costs += bench::costs_of_tree(each->pid());
    return costs;
  }

  Figures measure(bench::PushStorm& pushes, pid_t server, const std::filesystem::path& folder,
                  std::optional<Books>& books) {
    if (books) books->open();
    bench::SystemCalls calls(server, folder);
    const auto server_before = bench::costs_of_tree(server), database_before = database_costs(),
               ours_before = bench::costs_of_this_thread();
    auto storm = pushes.run(milliseconds(static_cast<long>(options_.seconds * 1000)));
    const auto of_server = bench::costs_of_tree(server) - server_before,
               of_database = database_costs() - database_before, ours = bench::costs_of_this_thread() - ours_before;
    const auto count = static_cast<double>(storm.answered);
    Figures figures = {{"rate", storm.rate()},
                       {"p50 ms", storm.at(0.5)},
                       {"p99 ms", storm.at(0.99)},
                       {"server us", of_server.seconds() * 1e6 / count},
                       {"of it user", of_server.user * 1e6 / count},
                       {"of it system", of_server.system * 1e6 / count},
                       {"calls", calls.stop() / count},
                       {"switches", of_server.switches / count},
                       {"generator us", ours.seconds() * 1e6 / count}};
    if (storm.refused > 0) figures.emplace_back("refused", static_cast<double>(storm.refused));
    if (!books) return figures;
    figures.emplace_back("database us", of_database.seconds() * 1e6 / count);
    figures.emplace_back("database switches", of_database.switches / count);
    books->close(figures, count);
    if (options_.are_statements_told) books->tell_statements(count);
    return figures;
  }

  Options options_;
  std::unique_ptr<test::PostgresServer> primary_, standby_;
  int silent_port_ = test::open_silent_port();
};

std::string with_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value);
  return text;
}

std::string spread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto median = values[values.size() / 2];
  if (values.size() == 1) return with_digits(median);
  return with_digits(median) + " (" + with_digits(values.front()) + "-" + with_digits(values.back()) + ")";
}

Options read_options(int argc, char** argv) {
  Options options;
  std::string other;
  CLI::App app("what an accepted delivery costs");
  app.add_option("--against", other, "another build's folder, in turns with this one");
  app.add_option("--stores", options.stores, "of none, sqlite, postgres")->delimiter(',');
  app.add_option("--seconds", options.seconds, "of each run");
  app.add_option("--rounds", options.rounds, "runs of each build on each store");
  app.add_flag("--hold-jobs", options.are_jobs_held, "workers keep the first jobs, instead of ending all they can");
  app.add_flag("--owe-status", options.is_status_owed, "with a feedback account, whose server cannot be reached");
  app.add_flag("--statements", options.are_statements_told, "print what each run's dearest statements cost");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& wrong) {
    std::exit(app.exit(wrong));
  }
  if (!other.empty()) options.builds.insert(options.builds.begin(), other);
  return options;
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = read_options(argc, argv);
  Bench bench(options);
  for (const auto& store : options.stores) {
    std::map<std::string, std::vector<Figures>> runs;
    for (int round = 0; round < options.rounds; ++round)
      for (const auto& build : options.builds) {
        runs[build].push_back(bench.run(build, store));
        const auto& figures = runs[build].back();
        std::cerr << store << " " << build << ": " << with_digits(figures[0].second) << "/s, server "
                  << with_digits(figures[3].second) << " us\n";
      }
    std::cout << store << ", each delivery, n = " << options.rounds << " of " << options.seconds
              << " s, median (least-most) of " << base::join(options.builds, ", ") << "\n";
    for (std::size_t i = 0; i < runs[options.builds.front()].front().size(); ++i) {
      std::cout << "  " << runs[options.builds.front()].front()[i].first << ":";
      for (const auto& build : options.builds) {
        std::vector<double> values;
        for (const auto& figures : runs[build]) values.push_back(figures[i].second);
        std::cout << "  " << spread(values);
      }
      std::cout << "\n";
    }
  }
}
