#include "session.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <vector>

namespace ledger {

namespace {

using namespace std::chrono_literals;

// Between attempts that are refused at once; after some of them handshakes would be a load of their own.
constexpr milliseconds kPause = 25ms, kLongPause = 100ms;
constexpr int kQuickAttempts = 20;

// A standby has no write position of its own; asking there is an error.
constexpr const char* kIntroduction =
    "SELECT current_setting('cluster_name'), coalesce(host(inet_server_addr()), ''), "
    "CASE WHEN pg_is_in_recovery() THEN '' ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END";

std::string first_line(const char* text) {
  std::string out = text == nullptr ? "" : text;
  out = out.substr(0, out.find('\n'));
  return out.substr(0, 200);
}

// "connection to server at … failed: FATAL:  the database system is starting up" without the address.
std::string without_address(const std::string& text) {
  const auto at = text.find(" failed: ");
  return at == std::string::npos ? text : text.substr(at + 9);
}

int poll_for(int socket, short events, Clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now()).count();
  pollfd entry{socket, events, 0};
  return poll(&entry, 1, static_cast<int>(std::max<std::int64_t>(0, left)));
}

void note(void* context, const PGresult* result) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  (*static_cast<OnNotice*>(context))(state == nullptr ? "" : state, first_line(PQresultErrorMessage(result)));
}

}  // namespace

Session::Session(const Job& job, const std::string& address, const std::string& root_file, OnNotice on_notice)
    : on_notice_(std::move(on_notice)), deadline_(Clock::now() + job.connect_limit) {
  const auto port = std::to_string(job.port);
  const std::array<const char*, 11> names{"host",       "hostaddr",         "port",    "user",
                                          "password",   "dbname",           "sslmode", "sslrootcert",
                                          "gssencmode", "application_name", nullptr};
  const std::array<const char*, 11> values{job.server_name.c_str(),
                                           address.c_str(),
                                           port.c_str(),
                                           job.user.c_str(),
                                           job.password.c_str(),
                                           job.database.c_str(),
                                           "verify-full",
                                           root_file.c_str(),
                                           "disable",
                                           "postgres-ledger",
                                           nullptr};
  connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
  if (connection_ == nullptr || PQstatus(connection_.get()) == CONNECTION_BAD) {
    fail(connection_ == nullptr ? "out of memory" : first_line(PQerrorMessage(connection_.get())));
    return;
  }
  PQsetNoticeReceiver(connection_.get(), note, &on_notice_);
  events_ = POLLOUT;
}

bool Session::fail(std::string why) {
  stage_ = Stage::Failed;
  problem_ = std::move(why);
  return false;
}

std::string Session::last_words() const { return first_line(PQerrorMessage(connection_.get())); }

bool Session::introduce() {
  PQsetnonblocking(connection_.get(), 1);
  stage_ = Stage::Introducing;
  events_ = POLLIN;
  return PQsendQuery(connection_.get(), kIntroduction) == 1 ? true : fail(last_words());
}

bool Session::read_introduction() {
  if (PQconsumeInput(connection_.get()) == 0) return fail(last_words());
  while (PQisBusy(connection_.get()) == 0) {
    const Rows result(PQgetResult(connection_.get()), PQclear);
    if (result == nullptr) {
      stage_ = Stage::Open;
      return true;
    }
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) return fail(first_line(PQresultErrorMessage(result.get())));
    backend_ = {PQgetvalue(result.get(), 0, 0), PQgetvalue(result.get(), 0, 2), PQgetvalue(result.get(), 0, 1)};
    if (backend_.timeline.empty()) return fail("a standby answered");
  }
  return true;
}

bool Session::advance(Clock::time_point now) {
  if (stage_ == Stage::Failed || stage_ == Stage::Open) return stage_ == Stage::Open;
  if (now >= deadline_) return fail("no connection in time");
  if (poll_for(socket(), events_, now) == 0) return true;
  if (stage_ == Stage::Introducing) return read_introduction();
  switch (PQconnectPoll(connection_.get())) {
    case PGRES_POLLING_READING:
      events_ = POLLIN;
      return true;
    case PGRES_POLLING_WRITING:
      events_ = POLLOUT;
      return true;
    case PGRES_POLLING_OK:
      return introduce();
    case PGRES_POLLING_ACTIVE:
    case PGRES_POLLING_FAILED:
      break;
  }
  return fail(without_address(last_words()));
}

bool Session::await_result(Clock::time_point deadline) {
  for (;;) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) return false;
    if (unsent == 0 && PQisBusy(connection_.get()) == 0) return true;
    if (poll_for(socket(), static_cast<short>(unsent == 1 ? POLLIN | POLLOUT : POLLIN), deadline) == 0) return false;
    if (PQconsumeInput(connection_.get()) == 0) return false;
  }
}

Answer Session::execute(const std::string& sql, milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) return {Answer::Kind::Unknown, "send", last_words()};
  Answer out{Answer::Kind::Unknown, "silence", "no answer in time"};
  while (await_result(deadline)) {
    const Rows result(PQgetResult(connection_.get()), PQclear);
    if (result == nullptr) return out;
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK) {
      out = {Answer::Kind::Done, "", ""};
      continue;
    }
    const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
    const char* severity = PQresultErrorField(result.get(), PG_DIAG_SEVERITY_NONLOCALIZED);
    // An ERROR rolled back. A FATAL may have come while the commit waited for a standby, and a broken connection says
    // nothing.
    const bool is_refused = severity != nullptr && std::string(severity) == "ERROR";
    if (out.kind != Answer::Kind::Done) {
      out = {is_refused ? Answer::Kind::Refused : Answer::Kind::Unknown, state == nullptr ? "broken" : state,
             first_line(PQresultErrorMessage(result.get()))};
    }
    if (PQstatus(connection_.get()) == CONNECTION_BAD) return out;
  }
  if (out.kind != Answer::Kind::Done && PQstatus(connection_.get()) == CONNECTION_BAD)
    out = {Answer::Kind::Unknown, "broken", last_words()};
  return out;
}

std::optional<Session::Rows> Session::rows(const std::string& sql, milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  std::optional<Rows> out;
  problem_ = "no answer in time";
  if (PQsendQuery(connection_.get(), sql.c_str()) == 0) problem_ = last_words();
  while (await_result(deadline)) {
    Rows result(PQgetResult(connection_.get()), PQclear);
    if (result == nullptr) return out;
    if (PQresultStatus(result.get()) == PGRES_TUPLES_OK) {
      out = std::move(result);
    } else {
      problem_ = first_line(PQresultErrorMessage(result.get()));
    }
  }
  return std::nullopt;
}

std::unique_ptr<Session> open_session(const Job& job, Targets& targets, const std::string& root_file,
                                      const OnNotice& on_notice, const std::function<bool()>& should_stop,
                                      const std::function<void(const std::string&)>& on_failure) {
  std::vector<std::unique_ptr<Session>> attempts;
  auto next_attempt = Clock::now();
  int failures = 0;
  while (!should_stop()) {
    if (attempts.size() < 2 && Clock::now() >= next_attempt) {
      attempts.push_back(std::make_unique<Session>(job, targets.next(), root_file, on_notice));
      next_attempt = Clock::now() + job.connect_limit / 2;
    }
    auto until = std::min(next_attempt, Clock::now() + 50ms);
    if (attempts.size() == 2) until = Clock::now() + 50ms;
    std::vector<pollfd> entries;
    for (const auto& attempt : attempts) {
      entries.push_back({attempt->socket(), attempt->events(), 0});
      until = std::min(until, attempt->deadline());
    }
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
    poll(entries.data(), entries.size(), static_cast<int>(std::max<std::int64_t>(0, left)));
    for (auto it = attempts.begin(); it != attempts.end();) {
      if (!(*it)->advance(Clock::now())) {
        on_failure((*it)->problem());
        it = attempts.erase(it);
        next_attempt = std::min(next_attempt, Clock::now() + (++failures < kQuickAttempts ? kPause : kLongPause));
      } else if ((*it)->is_open()) {
        return std::move(*it);
      } else {
        ++it;
      }
    }
  }
  return nullptr;
}

}  // namespace ledger
