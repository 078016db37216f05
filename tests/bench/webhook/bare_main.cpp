// webhook-bare-server PORT SECRET: receives pushes as the webhook server does, over HTTP, with proof, keys and batches,
// and stores nothing: what the rest costs. Until SIGTERM.
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "ingest/providers/github.hpp"
#include "ingest/receiver.hpp"

namespace {

using namespace cadence;
using base::Result;

struct NullAcceptor final : queue::Acceptor {
  Result<std::vector<queue::Accepted>> accept(std::span<const queue::Delivery> batch,
                                              std::chrono::milliseconds) override {
    std::vector<queue::Accepted> accepted;
    for (const auto& delivery : batch) accepted.push_back({delivery.job_id});
    return accepted;
  }
};

struct NullStore final : queue::Store {
  Result<void> migrate() override { return base::ok(); }
  std::unique_ptr<queue::Acceptor> open_acceptor() override { return std::make_unique<NullAcceptor>(); }
  Result<void> check() override { return base::ok(); }
  [[nodiscard]] queue::Trouble trouble() const override { return {}; }
  Result<void> renew(const queue::Worker&, std::chrono::milliseconds) override { return base::ok(); }
  Result<void> leave(const queue::Worker&) override { return base::ok(); }
  Result<std::vector<queue::Claim>> claim(const queue::Worker&, queue::Room, const std::vector<std::string>&) override {
    return std::vector<queue::Claim>();
  }
  Result<void> note_progress(const queue::Worker&, const queue::Claim&, const std::string&) override {
    return base::ok();
  }
  Result<bool> complete(const queue::Worker&, const queue::Claim&, const queue::Outcome&) override { return false; }
  Result<bool> hand_back(const queue::Worker&, const queue::Claim&) override { return false; }
  Result<queue::Rescued> rescue(int) override { return queue::Rescued(); }
  Result<std::optional<queue::Job>> find(const std::string&) override { return std::optional<queue::Job>(); }
  Result<queue::JobPage> list(const queue::JobFilter&) override { return queue::JobPage(); }
  Result<queue::Depth> depth() override { return queue::Depth(); }
  Result<int> purge(const queue::Retention&, int) override { return 0; }
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return std::cerr << "usage: webhook-bare-server PORT SECRET\n", 2;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  NullStore store;
  ingest::Secrets secrets({{argv[2], {}}}, {});
  if (!secrets.refresh()) return 1;
  ingest::Budget budget(256 << 20);
  queue::Intake intake(store, {});
  ingest::Receiver receiver(
      {{ingest::github(), secrets}}, budget, intake, {}, [] { return std::int64_t{0}; }, [](auto) { return false; });
  net::ServerOptions options;
  options.address = "127.0.0.1";
  options.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  options.threads = 2;
  const auto server = net::start_server(
      options, [&](const net::RequestHead& head) { return receiver.receive(receiver.senders().front(), head); });
  if (!server) return std::cerr << server.error().message << "\n", 1;
  int signal = 0;
  sigwait(&signals, &signal);
  intake.stop();
}
