// postgres-ledger: writes numbered rows all the time, each a commit of its own, and keeps the books of what was
// acknowledged. Reads its job from standard input (job.hpp), one JSON document on the first line. While it writes, a
// further line `status` is answered by one line of JSON, `addresses A B C` names more ways to the database (tried by
// turns); the end of standard input, SIGTERM or the job's seconds end it, and its report is the last line.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "book.hpp"

namespace {

using namespace std::chrono_literals;
using cadence::json::Value;
using ledger::Answer;
using ledger::Clock;

constexpr auto kPrepareLimit = 60s;

// libpq wants a file.
std::string file_of(const std::string& ca) {
  const int file = memfd_create("ca", 0);
  if (file < 0 || write(file, ca.data(), ca.size()) != static_cast<ssize_t>(ca.size()))
    throw std::runtime_error("could not keep the CA in memory");
  return "/proc/self/fd/" + std::to_string(file);
}

void write_rows(const ledger::Job& job, ledger::Targets& targets, const std::string& root, int writer,
                ledger::Book& book, const std::atomic<bool>& is_over) {
  const auto should_stop = [&] { return is_over.load(); };
  const auto on_failure = [&](const std::string& problem) { book.note_connection_failure(problem); };
  const auto on_notice = [&](const std::string& state, const std::string& message) {
    book.note_warning(state, message);
  };
  std::unique_ptr<ledger::Session> session;
  int backend = -1;
  // Writers take turns, so that together they probe more often than each of them.
  auto next = Clock::now() + job.interval * (writer - job.first_writer) / job.writers;
  for (std::int64_t seq = 1; !is_over; ++seq) {
    if (session == nullptr) {
      session = ledger::open_session(job, targets, root, on_notice, should_stop, on_failure);
      if (session == nullptr) return;
      backend = book.backend_number(session->backend());
      next = std::max(next, Clock::now());
    }
    std::this_thread::sleep_until(next);
    next = std::max(next + job.interval, Clock::now());
    const auto began = Clock::now();
    const auto answer = session->execute(
        "INSERT INTO " + job.table + " VALUES (" + std::to_string(writer) + ", " + std::to_string(seq) + ")",
        job.answer_limit);
    book.note(writer, seq, answer, began, Clock::now(), backend);
    if (answer.kind != Answer::Kind::Done) session.reset();
  }
}

std::unique_ptr<ledger::Session> open_within(const ledger::Job& job, const std::string& root, Clock::duration limit) {
  const auto deadline = Clock::now() + limit;
  std::string last = "no time";
  ledger::Targets targets({job.address});
  auto session = ledger::open_session(
      job, targets, root, [](const auto&, const auto&) {}, [&] { return Clock::now() > deadline; },
      [&](const std::string& problem) { last = problem; });
  if (session == nullptr) throw std::runtime_error("could not connect to " + job.address + ": " + last);
  return session;
}

void make_table(const ledger::Job& job, const std::string& root) {
  const auto session = open_within(job, root, kPrepareLimit);
  const auto schema = job.table.substr(0, job.table.find('.'));
  for (const auto& sql :
       {"CREATE SCHEMA IF NOT EXISTS " + schema,
        "CREATE TABLE IF NOT EXISTS " + job.table + " (writer integer, seq bigint, PRIMARY KEY (writer, seq))"}) {
    const auto answer = session->execute(sql, 30s);
    if (answer.kind != Answer::Kind::Done)
      throw std::runtime_error("could not make " + job.table + ": " + answer.message);
  }
}

// The first line without its end, byte by byte: what follows belongs to the loop below.
std::string read_line() {
  std::string out;
  for (char c = 0; read(STDIN_FILENO, &c, 1) == 1 && c != '\n';) out += c;
  return out;
}

void print(const Value& document) { std::cout << cadence::json::dump(document) << std::endl; }

std::vector<std::string> words_after(const std::string& line, std::string_view verb) {
  std::istringstream rest(line.substr(verb.size()));
  return {std::istream_iterator<std::string>(rest), {}};
}

void obey(const std::string& line, ledger::Book& book, ledger::Targets& targets) {
  constexpr std::string_view kAddresses = "addresses ";
  if (line == "status") print(book.report(false));
  else if (line.starts_with(kAddresses)) targets.replace(words_after(line, kAddresses));
}

void serve_until_the_end(const ledger::Job& job, ledger::Book& book, ledger::Targets& targets, int signals) {
  const auto deadline = job.seconds > 0 ? Clock::now() + std::chrono::seconds(job.seconds) : Clock::time_point::max();
  pollfd entries[] = {{signals, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  std::string input;
  while (Clock::now() < deadline) {
    const auto left = job.seconds > 0 ? std::chrono::ceil<ledger::milliseconds>(deadline - Clock::now()).count() : 1000;
    if (poll(entries, 2, static_cast<int>(std::max<std::int64_t>(0, left))) <= 0) continue;
    if (entries[0].revents != 0) return;
    if (entries[1].revents == 0) continue;
    char buffer[256];
    const auto size = read(STDIN_FILENO, buffer, sizeof buffer);
    if (size <= 0) {
      if (job.seconds == 0) return;
      entries[1].fd = -1;
      continue;
    }
    input.append(buffer, static_cast<std::size_t>(size));
    for (auto end = input.find('\n'); end != std::string::npos; end = input.find('\n')) {
      obey(input.substr(0, end), book, targets);
      input.erase(0, end + 1);
    }
  }
}

void write_until_the_end(const ledger::Job& job, const std::string& root, int signals) {
  if (job.makes_table) make_table(job, root);
  ledger::Book book(job);
  ledger::Targets targets({job.address});
  std::atomic<bool> is_over = false;
  {
    std::vector<std::jthread> writers;
    for (int i = 0; i < job.writers; ++i)
      writers.emplace_back([&, i] { write_rows(job, targets, root, job.first_writer + i, book, is_over); });
    serve_until_the_end(job, book, targets, signals);
    is_over = true;
  }
  print(book.report(true));
}

}  // namespace

int main() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  signal(SIGPIPE, SIG_IGN);
  try {
    const auto document = cadence::json::parse(read_line());
    if (!document) throw std::invalid_argument(document.error().message);
    const auto job = ledger::read_job(*document);
    const auto root = file_of(job.ca);
    if (job.mode == "check") {
      const auto session = open_within(job, root, std::chrono::seconds(job.seconds > 0 ? job.seconds : 30));
      print(ledger::check(job, *session));
    } else {
      write_until_the_end(job, root, signalfd(-1, &ending, SFD_CLOEXEC));
    }
  } catch (const std::exception& problem) {
    std::cerr << "postgres-ledger: " << problem.what() << "\n";
    return 2;
  }
}
