#include "agent/postgres/peers/peers.hpp"

#include <thread>

#include "agent/postgres/volume/files.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "json/value.hpp"

namespace cadence::agent::postgres {
namespace {

using base::Error;
using base::ErrorKind;

constexpr const char* kDisarm = "/v1/disarm";
constexpr const char* kPromise = "/v1/promise";
constexpr const char* kStatus = "/v1/status";
// A peer stops its WAL receiver within two seconds and answers; one whose node is gone is given up after the same time.
constexpr std::chrono::milliseconds kDisarmDeadline{2500};
constexpr std::chrono::milliseconds kPromiseDeadline{1000};
constexpr std::size_t kBodyLimit = 4096;
constexpr std::size_t kCallLimit = 16;

std::string text_of(const std::string& path) {
  return read_file(path).is_ok() ? read_file(path).value() : std::string();
}

rules::MemberReport decode_report(const std::string& name, const json::Value& body) {
  rules::MemberReport out;
  out.name = name;
  out.refusal = json::string_at(body, {"refusal"});
  out.is_disarmed = out.refusal.empty();
  out.timeline = base::parse_integer(json::string_at(body, {"timeline"})).value_or(0);
  out.received = rules::parse_lsn(json::string_at(body, {"received"})).value_or(0);
  out.replayed = rules::parse_lsn(json::string_at(body, {"replayed"})).value_or(0);
  return out;
}

class DisarmSink final : public net::RequestSink {
 public:
  explicit DisarmSink(DisarmCalls& calls) : calls_(calls) {}
  void on_body(std::string_view piece) override { body_ += piece; }
  void on_complete(net::Responder respond) override {
    const auto body = json::parse(body_);
    const auto record = body ? json::string_at(*body, {"record"}) : std::string();
    if (record.empty()) respond(net::text_response(400, "the body must be {\"record\": \"RESOURCE-VERSION\"}\n"));
    else calls_.push({record, std::move(respond)});
  }

 private:
  DisarmCalls& calls_;
  std::string body_;
};

}  // namespace

std::shared_ptr<net::Transport> Peers::transport_to(const std::string& name) {
  const std::lock_guard lock(mutex_);
  auto& kept = known_[name];
  const auto address = addresses_.of(name);
  if (!kept.transport || kept.address != address) {
    kept.address = address;
    kept.transport = net::make_beast_transport([this, name]() -> base::Result<net::Origin> {
      const auto target = addresses_.api_of(name);
      const auto& tls = options_.tls_directory;
      return net::Origin{
          target.host_addr.empty() ? target.host : target.host_addr, target.port,
          net::ClientTls{text_of(tls + "/ca.crt"), text_of(tls + "/tls.crt"), text_of(tls + "/tls.key"), target.host}};
    });
  }
  return kept.transport;
}

base::Result<std::string> Peers::send(const std::string& name, const net::Request& request,
                                      std::chrono::milliseconds at_most, std::stop_token stop) {
  auto signed_request = request;
  signed_request.target += "?from=" + net::percent_encode(options_.instance);
  auto answer = transport_to(name)->send(signed_request, at_most, stop);
  if (!answer) return answer.error().with_context("Could not ask " + name);
  if (answer->status != 200) return Error{ErrorKind::Transient, name + " answered " + std::to_string(answer->status)};
  return std::move(answer->body);
}

base::Result<json::Value> Peers::ask(const std::string& name, const char* target, const json::Value& body,
                                     std::chrono::milliseconds at_most, std::stop_token stop) {
  const auto answer =
      send(name, {"PUT", target, {{"Content-Type", "application/json"}}, json::dump(body)}, at_most, stop);
  if (!answer) return answer.error();
  return json::parse(*answer);
}

base::Result<rules::InstanceStatus> Peers::status(const std::string& name) {
  const auto answer = send(name, {"GET", kStatus, {}, {}}, kPromiseDeadline, {});
  if (!answer) return answer.error();
  return rules::decode_instance_status(*answer);
}

std::vector<rules::MemberReport> Peers::disarm(const std::vector<std::string>& names, const std::string& record,
                                               std::stop_token stop) {
  std::mutex mutex;
  std::vector<rules::MemberReport> out;
  {
    std::vector<std::jthread> askers;
    for (const auto& name : names) {
      askers.emplace_back([&, name] {
        const auto answer = ask(name, kDisarm, {{"record", record}}, kDisarmDeadline, stop);
        if (!answer) base::log_info("No report for the election", {{"from", name}, {"error", answer.error().message}});
        const std::lock_guard lock(mutex);
        if (answer) out.push_back(decode_report(name, *answer));
      });
    }
  }
  return out;
}

std::size_t Peers::promise(const std::vector<std::string>& names, std::int64_t term, std::stop_token stop) {
  std::atomic<std::size_t> count{0};
  {
    std::vector<std::jthread> askers;
    for (const auto& name : names) {
      askers.emplace_back([&, name] {
        const auto answer = ask(
            name, kPromise, {{"holder", options_.instance}, {"term", term}, {"ttl", options_.timing.duration.count()}},
            kPromiseDeadline, stop);
        if (answer && json::string_at(*answer, {"refusal"}).empty()) ++count;
      });
    }
  }
  return count;
}

void DisarmCalls::push(Call call) {
  {
    const std::lock_guard lock(mutex_);
    if (calls_.size() == kCallLimit) calls_.pop_front();  // its responder answers 500
    calls_.push_back(std::move(call));
  }
  wake_();
}

std::optional<DisarmCalls::Call> DisarmCalls::take() {
  const std::lock_guard lock(mutex_);
  if (calls_.empty()) return std::nullopt;
  auto out = std::move(calls_.front());
  calls_.pop_front();
  return out;
}

net::Response encode_report(const rules::MemberReport& report) {
  return net::json_response(200, json::dump({{"refusal", report.refusal},
                                             {"timeline", std::to_string(report.timeline)},
                                             {"received", rules::format_lsn(report.received)},
                                             {"replayed", rules::format_lsn(report.replayed)}}) +
                                     "\n");
}

PeerServer::PeerServer(const Options& options, DisarmCalls& calls, Commitment& commitment, const Board& board,
                       std::function<std::optional<rules::LeaseView>()> view,
                       std::function<void(const std::string& instance, const std::string& address)> heard)
    : options_(options),
      calls_(calls),
      commitment_(commitment),
      board_(board),
      view_(std::move(view)),
      heard_(std::move(heard)) {}

base::Result<void> PeerServer::refresh() {
  const auto& folder = options_.tls_directory;
  net::ServerTls tls{text_of(folder + "/tls.crt"), text_of(folder + "/tls.key"), text_of(folder + "/ca.crt"),
                     options_.api_address_of(options_.instance).host};
  if (tls.certificate_pem.empty() || tls.client_ca_pem.empty())
    return Error{ErrorKind::Transient, "the certificate in " + folder + " is not there yet"};
  const auto present = tls.certificate_pem + tls.client_ca_pem;
  if (server_ && present == certificate_) return {};
  certificate_ = present;
  if (server_) {
    server_->renew_tls(std::move(tls));
    return {};
  }
  net::ServerOptions server;
  server.address = options_.http_address;
  server.port = options_.api_port;
  server.max_connections = 64;
  server.header_limit = 4096;
  server.tls = std::move(tls);
  auto started = net::start_server(server, [this](const net::RequestHead& head) { return handle(head); });
  if (!started) return started.error();
  server_ = std::move(*started);
  return {};
}

std::variant<net::Response, net::Accept> PeerServer::handle(const net::RequestHead& head) {
  const auto path = net::path_of(head.target);
  if (const auto from = net::query_value(head.target, "from"); !from.empty()) heard_(from, head.remote_address);
  if (path == kStatus && head.method == "GET")
    return net::json_response(200, json::dump(json::encode(board_.get().status)) + "\n");
  if (head.method != "PUT") return net::text_response(405, "PUT only\n");
  if (path == kDisarm) return net::Accept{std::make_unique<DisarmSink>(calls_), kBodyLimit};
  if (path == kPromise)
    return net::simple_handler([this](const net::RequestHead&, const std::string& body) { return promise(body); },
                               kBodyLimit)(head);
  return net::text_response(404, "one of /v1/disarm /v1/promise /v1/status\n");
}

net::Response PeerServer::promise(const std::string& text) {
  const auto body = json::parse(text);
  const auto view = view_();
  if (!body || !body->contains("term") || !(*body)["term"].is_number_integer())
    return net::text_response(400, "the body must be {\"holder\", \"term\", \"ttl\"}\n");
  const auto holder = json::string_at(*body, {"holder"});
  // Our own timing, whatever the other side thinks it is.
  const auto refusal =
      view ? commitment_.promise(*view, holder, (*body)["term"].get<std::int64_t>(), options_.timing.duration)
           : std::string("has not seen the Lease yet");
  return net::json_response(200, json::dump({{"refusal", refusal}}) + "\n");
}

}  // namespace cadence::agent::postgres
