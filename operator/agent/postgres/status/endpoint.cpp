#include "agent/postgres/status/endpoint.hpp"

#include "base/text.hpp"

namespace cadence::agent::postgres {
namespace {

void gauge(std::string& out, const char* name, const char* help, const std::string& samples) {
  out += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " gauge\n" + samples;
}

std::string sample(const std::string& name, const std::string& labels, const std::string& value) {
  return name + (labels.empty() ? "" : "{" + labels + "}") + " " + value + "\n";
}

std::string label(const std::string& name, const std::string& value) {
  return name + "=\"" + base::replace_all(base::replace_all(value, "\\", "\\\\"), "\"", "\\\"") + "\"";
}

net::Response judged(bool is_good, const Report& report) {
  return net::text_response(
      is_good ? 200 : 503, (is_good ? "ok: " : "not now: ") + report.status.role + ", " + report.status.message + "\n");
}

}  // namespace

std::string render_metrics(const Report& report) {
  const auto& status = report.status;
  const auto flag = [](bool value) { return std::string(value ? "1" : "0"); };
  std::string out, roles, lags;
  for (const char* role : {"primary", "standby", "starting", "stopped"}) {
    roles += sample("cadence_postgres_role", label("role", role), flag(status.role == role));
  }
  for (const auto& row : status.replication) {
    lags += sample("cadence_postgres_lag_bytes", label("standby", row.name) + "," + label("sync_state", row.sync_state),
                   std::to_string(row.replay_lag_bytes));
  }
  gauge(out, "cadence_postgres_role", "1 for the role that the instance has now.", roles);
  gauge(out, "cadence_postgres_up", "1 when the server answered the last probe.",
        sample("cadence_postgres_up", "", flag(report.is_accepting)));
  gauge(out, "cadence_postgres_writable", "1 when a commit made now on this instance is acknowledged.",
        sample("cadence_postgres_writable", "", flag(is_primary_ready(report) && status.unacknowledged.empty())));
  gauge(out, "cadence_postgres_protected", "1 while the settings in force are those that keep acknowledged commits.",
        sample("cadence_postgres_protected", "", flag(status.unprotected.empty())));
  gauge(out, "cadence_postgres_streaming", "1 when a standby receives WAL.",
        sample("cadence_postgres_streaming", "", flag(status.is_streaming)));
  gauge(out, "cadence_postgres_timeline", "The timeline of the database.",
        sample("cadence_postgres_timeline", "", std::to_string(status.timeline)));
  if (!lags.empty()) gauge(out, "cadence_postgres_lag_bytes", "WAL that a standby has not replayed.", lags);
  if (report.is_lease_held) {
    gauge(out, "cadence_postgres_lease_seconds_left", "Until the fence stops the server, without a renewal.",
          sample("cadence_postgres_lease_seconds_left", "",
                 std::to_string(static_cast<double>(report.lease_left.count()) / 1000)));
  }
  return out;
}

net::Response answer(const Report& report, std::chrono::steady_clock::time_point now, const std::string& method,
                     const std::string& target) {
  if (method != "GET" && method != "HEAD") return net::text_response(405, "GET only\n");
  const auto path = net::path_of(target);
  if (path == "/livez") return judged(is_alive(report, now), report);
  if (path == "/readyz") return judged(is_primary_ready(report) || is_standby_ready(report), report);
  if (path == "/primary") return judged(is_primary_ready(report), report);
  if (path == "/replica") return judged(is_standby_ready(report), report);
  if (path == "/status") return net::json_response(200, json::dump(json::encode(report.status)) + "\n");
  if (path == "/metrics") return net::text_response(200, render_metrics(report));
  return net::text_response(404, "one of /livez /readyz /primary /replica /status /metrics\n");
}

base::Result<std::unique_ptr<net::Server>> serve(const Options& options, const Board& board) {
  net::ServerOptions server;
  server.address = options.http_address;
  server.port = options.http_port;
  server.max_connections = 64;
  server.header_limit = 4096;
  return net::start_server(server, net::simple_handler(
                                       [&board](const net::RequestHead& head, std::string) {
                                         return answer(board.get(), std::chrono::steady_clock::now(), head.method,
                                                       head.target);
                                       },
                                       0));
}

}  // namespace cadence::agent::postgres
